/*
 * The kernels that a case can run on: the seed kernel, Linux under the same QEMU, K0, the
 * kernel in hex (fixtures/seed), or a seed kernel that another case of the run has made. boot.h has
 * the files and arguments that they start with.
 */
#pragma once
#include <glib.h>

typedef enum { DRIVER_SEED, DRIVER_LINUX, DRIVER_HEX, DRIVER_MADE } Driver;
#define DRIVERS (DRIVER_MADE + 1)
/* Those that the key "drivers" of a gate names. */
#define DRIVERS_NAMED DRIVER_MADE

/* "seed", "linux", "hex", "made" */
const char *driver_name(Driver driver);

/* The label of a gate on a driver: "boot0", "boot0@linux", "boot0@made". It names the folder of
 * outputs, and the gate in reports. Free with g_free. */
char *driver_label(Driver driver, const char *gate_name);

/* The driver and the gate of a label; *ret_gate_name is to be freed with g_free. */
Driver driver_of_label(const char *label, char **ret_gate_name);

/* Reports name cases by label, command lines do not: a hint if `word` is a label, else "". */
const char *driver_hint(const char *word);

/* Where a file of a guest lies: ROOT/LABEL/CASE/PATH. `guest_path` begins with a slash, or is ""
 * for the folder of the case. Free with g_free. */
char *driver_output_path(const char *root, const char *label, const char *case_name,
                         const char *guest_path);
