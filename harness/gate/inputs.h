/* The bytes of a case's sources: the input files of the guest, and the expected contents. */
#pragma once
#include "gate/gate.h"
#include "gate/input_file.h"

/* A drive, and what it is made of: its files, by paths in it; or one file, which is all of it; or
 * none, if it is empty. */
typedef struct {
    const GateDrive *drive;
    GPtrArray *files; /* of InputFile */
} InputDrive;

typedef struct {
    GPtrArray *files;  /* of InputFile, in the order of the gate file: the input files */
    GPtrArray *initrd; /* of InputFile: the initrd of another kernel, if the gate gives one */
    GPtrArray *drives; /* of InputDrive */
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

G_DEFINE_AUTOPTR_CLEANUP_FUNC(Inputs, inputs_free)
