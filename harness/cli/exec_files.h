/* The files of `harness exec` in the guest: the program, and the files and folders of --file. */
#pragma once
#include "gate/gate.h"

/* Adds the program `prog` as /init, and each "HOST:GUEST" of `words` (ends with NULL, or is NULL):
 * a file, or all below a folder. FALSE and *error (HARNESS_ERROR_USAGE). */
gboolean exec_files_add(GateCase *c, const char *prog, char *const *words, GError **error);

/* Checks that --out can take the files of the program: it must be new or empty, and its parent must
 * exist. FALSE and *error. */
gboolean exec_files_check_out(const char *out, GError **error);
