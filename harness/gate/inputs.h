/* The bytes that a case's sources stand for: what goes into the guest, what must come out. */
#pragma once
#include "gate/gate.h"

typedef struct {
    char *guest_path;
    GBytes *content;
} InputFile;

typedef struct {
    GPtrArray *files;  /* of InputFile, in the order of the gate file; what the guest starts with */
    GPtrArray *equals; /* of InputFile: what files must equal, for each "expect" with a source */
} Inputs;

/* `out_root` is the folder that holds the outputs of gates, LABEL/CASE/PATH, with the labels of
 * `driver` (driver.h). NULL and *error with the line of the gate file when something cannot be
 * read. */
Inputs *inputs_load(const Gate *gate, const GateCase *c, Driver driver, const char *out_root,
                    GError **error);

/* Adds to `mistakes` what can be found wrong with the sources of a case before anything runs:
 * outputs of other cases are not there yet. */
void inputs_check(const Gate *gate, const GateCase *c, GPtrArray *mistakes);
void inputs_free(Inputs *inputs);

/* The content of the file that the guest starts with as `guest_path`, or NULL. */
GBytes *inputs_find(const GPtrArray *files, const char *guest_path);

/* An empty list of InputFile, and one more in it; takes `content`. */
GPtrArray *inputs_list(void);
void inputs_add(GPtrArray *files, const char *guest_path, GBytes *content);

/*
 * The newc archive of the files (and of /init.argv where `argv` needs it) in a file in memory, at
 * offset 0 and padded to whole sectors. With `own`, a list of files that go in as well, it has an
 * entry for each folder, which Linux wants and the seed kernel does without. -1 and *error.
 */
int inputs_archive(const Inputs *inputs, const char *const *argv, const GPtrArray *own,
                   GError **error);

/* argv as bootargs, or NULL when an argument cannot stand there (white space, an empty one, a
 * word the kernel reserves) and must go into /init.argv. */
char *inputs_bootargs(const char *const *argv);

G_DEFINE_AUTOPTR_CLEANUP_FUNC(Inputs, inputs_free)
