/* What `harness exec` puts into the guest: the program, its input and environment, and the files
 * and folders of --file. */
#pragma once
#include "gate/gate.h"

typedef struct {
    const char *prog;
    const char *input;     /* of --stdin: a file, or "-" for standard input; NULL: none */
    char *const *settings; /* of --env, "NAME=VALUE"; ends with NULL, or is NULL */
    char *const *words;    /* of --file, "HOST:GUEST", a file or all below a folder; likewise */
} ExecFiles;

/* Adds the program as /init, and the files. FALSE and *error (HARNESS_ERROR_USAGE), also where the
 * program cannot run on `driver`. */
gboolean exec_files_add(GateCase *c, const ExecFiles *files, Driver driver, GError **error);

/* Checks that --out can take the files of the program: it must be new or empty, and its parent must
 * exist. FALSE and *error. */
gboolean exec_files_check_out(const char *out, GError **error);
