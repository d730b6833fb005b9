/*
 * What a guest is started with, by driver: the seed kernel, or Debian's Linux with the init of
 * linux/, which keeps the same contract.
 */
#pragma once
#include "gate/inputs.h"

/* Where `make linux` puts the kernel, its modules and our init, below the root. */
#define BOOT_LINUX_FOLDER "build/linux"

/* What that is, by name; ends with NULL. */
extern const char *const boot_linux_files[];

/* One run's choices. */
typedef struct {
    Driver driver;
    const Gate *gate;
    const GateCase *gate_case;
    const char *seed_kernel; /* path of the Image; NULL: build/kernel/Image below the root */
    const char *nonce;       /* or NULL */
    gboolean disk;           /* files go out by the disk seed-out, else by console */
} Boot;

/* The tree that commands without a gate use: the folder here, or where no kernel is built in it the
 * nearest one above this program that has one. Absolute; free with g_free. */
char *boot_root(void);

/* The seed kernel of `root`: build/kernel/Image below it, or where that was not built the one that
 * was installed with this program, ../lib/harness/Image beside it. Free with g_free. */
char *boot_seed_kernel(const char *root);

/* Path of the Image, and its bootargs. Free with g_free. */
char *boot_kernel(const Boot *boot);
char *boot_args(const Boot *boot);

/* The archive that the guest starts with, in a file in memory (inputs_archive). -1 and *error. */
int boot_archive(const Boot *boot, const Inputs *inputs, GError **error);
