/* How inputs reach a guest: an archive of its files, and its boot arguments. */
#pragma once
#include "gate/inputs.h"

/* Where the kernel finds the arguments of init, one on each line (docs/contract.md). */
#define INPUTS_ARGV_PATH "/init.argv"

/* Whether these arguments fit a line of K0's /steps: words without blanks. NULL fits. */
gboolean inputs_fit_steps(const char *const *argv);

/*
 * The newc archive of the files (and of /init.argv where `argv` needs it) in a file in memory, at
 * offset 0 and padded to whole sectors. With `own`, a list of additional files, it also has an
 * entry for each folder, which Linux needs and the seed kernel does not. -1 and *error.
 */
int inputs_archive(const Inputs *inputs, const char *const *argv, const GPtrArray *own,
                   GError **error);

/* argv as bootargs, or NULL if an argument cannot be in bootargs (empty, with white space, or a
 * word that the kernel reserves) and must go into /init.argv. */
char *inputs_bootargs(const char *const *argv);
