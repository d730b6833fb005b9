/* What the harness has written for this init (init.c), as bytes: parsers without any call. */
#pragma once
#include "types.h"

struct settings {
    const char *nonce; /* "": none */
    u64 nonce_size;
    int to_disk; /* files go out on the disk, else on the console */
};

/* The file "run": the nonce (or nothing) on a line, "disk" or "console" on the next. Changes the
 * text, which settings point into; 0, or -1 where there are no two such lines. */
int settings_read(struct settings *settings, char *text, u64 size);

/* The file "argv": arguments, each ended by a NUL, which must be there. `words` gets at most `max`
 * of them and a null pointer behind; how many, or -1 where there are more, or one that does not
 * end. */
long settings_arguments(char **words, u64 max, char *text, u64 size);
