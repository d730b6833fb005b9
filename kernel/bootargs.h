/* Splits the kernel's command line, /chosen/bootargs, into words at white space. */
#pragma once

#include "types.h"

enum bootargs_kind {
    BOOTARGS_END,
    BOOTARGS_WORD,     /* an argument of init */
    BOOTARGS_DUMPFS,   /* dump every file when init ends */
    BOOTARGS_SPAWNLOG, /* SPAWN and EXIT lines */
    BOOTARGS_NONCE     /* nonce=<hex>; the word is what follows the = */
};

struct bootargs_word {
    const char *text;
    u64 length;
};

/* The word at *offset (0 first) of `size` bytes of text, and moves *offset past it. A nonce that is
 * empty or has a byte other than a hex digit is an ordinary word. */
enum bootargs_kind bootargs_next(const char *text, u64 size, u64 *offset,
                                 struct bootargs_word *word);
