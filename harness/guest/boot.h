/*
 * The image, boot arguments and archive of a guest, by driver: the seed kernel; Debian's Linux with
 * the init of fixtures/linux-init, which keeps the same contract; or the seed of fixtures/seed with
 * K0, which keeps the part of it that the chain asks for.
 */
#pragma once
#include "gate/inputs.h"

/* Where `make linux` puts the kernel, its modules and our init, below the root. */
#define BOOT_LINUX_FOLDER "build/linux"

/* The names of those files; ends with NULL. */
extern const char *const boot_linux_files[];

/* The choices for an attempt. */
typedef struct {
    Driver driver;
    const Gate *gate;
    const GateCase *gate_case;
    const char *seed_kernel; /* path of the Image; NULL: build/kernel/Image below the root */
    const char *nonce;       /* or NULL */
    gboolean disk;           /* files go out by the disk seed-out, else by console */
} Boot;

/* The tree for commands without a gate: the current folder if it has a kernel, else the nearest
 * folder above this program that has one. Absolute; free with g_free. */
char *boot_root(void);

/* The seed kernel of `root`: build/kernel/Image below it or, if that was not built, the one
 * installed with this program, ../lib/harness/Image beside it. Free with g_free. */
char *boot_seed_kernel(const char *root);

/* Path of the Image, or of the firmware that boots without one. Free with g_free. */
char *boot_kernel(const Boot *boot);

/* Path of the ELF file that gives the kernel's symbols: the one that the case names, the kernel
 * itself, or kernel.elf beside it, which may not exist. Free with g_free. */
char *boot_symbols(const Boot *boot);

/* Paths of what the case names, or NULL; the firmware may be "none". Free with g_free. */
char *boot_firmware(const Boot *boot);
char *boot_dtb(const Boot *boot);

/* The boot arguments; NULL for another kernel whose gate gives none. Free with g_free. */
char *boot_args(const Boot *boot);

/* Whether there is an initrd, or a disk, with files: another kernel has what its gate names. */
gboolean boot_has_archive(const Boot *boot, const Inputs *inputs);

/* The text of K0, commented hex, which the initrd of DRIVER_HEX begins with. Free with g_free. */
char *boot_hex_text(const Boot *boot);

/* The archive of the guest's input files, in a file in memory (inputs_archive), for DRIVER_HEX
 * behind the text of K0. -1 and *error. */
int boot_archive(const Boot *boot, const Inputs *inputs, GError **error);
