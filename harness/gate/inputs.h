/* The bytes of a case's sources: the input files of the guest, and the expected contents. */
#pragma once
#include "base/file_stamp.h"
#include "gate/gate.h"

typedef struct {
    char *guest_path;
    GBytes *content;
    FileStamp stamp; /* of the host file that is all of it, or FILE_STAMP_NONE */
} InputFile;

typedef struct {
    GPtrArray *files;  /* of InputFile, in the order of the gate file: the input files */
    GPtrArray *initrd; /* of InputFile: the initrd of another kernel, if the gate gives one */
    GPtrArray *equals; /* of InputFile: the expected content for each "expect" with a source */
} Inputs;

/* `out_root` is the folder that holds the outputs of gates, LABEL/CASE/PATH, with the labels of
 * `driver` (driver.h). NULL and *error with the line of the gate file if something cannot be
 * read. */
Inputs *inputs_load(const Gate *gate, const GateCase *c, Driver driver, const char *out_root,
                    GError **error);

/* Adds to `mistakes` the errors in the sources of a case that can be found before a run: outputs of
 * other cases may not exist yet. */
void inputs_check(const Gate *gate, const GateCase *c, GPtrArray *mistakes);
void inputs_free(Inputs *inputs);

/* The content of the input file `guest_path`, or NULL. */
GBytes *inputs_find(const GPtrArray *files, const char *guest_path);

/* Creates a list of InputFile; appends a file to it, taking `content`. */
GPtrArray *inputs_list(void);
void inputs_add(GPtrArray *files, const char *guest_path, GBytes *content);

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

G_DEFINE_AUTOPTR_CLEANUP_FUNC(Inputs, inputs_free)
