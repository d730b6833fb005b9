/*
 * A QEMU process: its command line, its start with inherited descriptors, its end. A passive
 * object: attempt.c controls it and watches its descriptors.
 */
#pragma once
#include "guest/drive.h"
#include <gio/gio.h>

/* Size of the pipe that the console comes through: the largest that an unprivileged process may ask
 * for (/proc/sys/fs/pipe-max-size), since QEMU writes it byte by byte and must not wait for us. */
#define GUEST_CONSOLE_BYTES (1024 * 1024)

/* What a QEMU has that is reset between its cases (warm.h). */
typedef struct {
    int memory_fd; /* guest memory */
    int header_fd; /* for -kernel, instead of the path */
    const char
        *commands; /* lines for its control socket, instead of the one that starts the guest */
} GuestWarm;

typedef struct {
    const char *qemu;        /* program name or path */
    const char *arch;        /* QEMU's name of the guest's architecture */
    const char *machine;     /* -M, without the accelerator; or NULL: QEMU's default */
    const char *cpu;         /* or NULL */
    const char *accelerator; /* -accel */
    const char *kernel;      /* path of the Image, or NULL */
    const char *firmware;    /* -bios: a path, or "none"; or NULL */
    const char *dtb;         /* a path, or NULL */
    const char *append;      /* bootargs, or NULL */
    gint64 smp;              /* processors; below 1: QEMU's default */
    guint64 memory_bytes;    /* a multiple of 1024; 0: QEMU's default */
    Net net;
    const char *const *more;      /* further words; or NULL */
    gboolean is_unconfined;       /* the further words may reach any file of the host */
    gboolean is_judged_by_status; /* QEMU must end by itself when the guest does */
    gboolean icount;              /* the guest's clock counts instructions: the same in every run */
    const char *gdb_socket; /* a path for gdb's remote protocol: the guest waits for gdb; or NULL */
    /* An existing file into which guest memory can be dumped over QMP; QEMU then pauses when the
     * guest powers off. Or NULL. */
    const char *core_file;
    /* An existing file for the log of QEMU's record/replay, which makes an attempt repeatable to
     * the instruction; or NULL. It counts instructions, and needs initrd_path instead of a
     * descriptor. */
    const char *record_file;
    const char *initrd_path; /* instead of initrd_fd; or NULL */
    int initrd_fd;           /* a file; -1: none */
    int seed_in_fd;          /* raw disk image with serial "seed-in"; -1: none */
    int seed_out_fd;         /* the same with "seed-out" */
    const GPtrArray *drives; /* of GuestDrive; or NULL */
    const char *plugin;      /* path of a plugin for QEMU's translator; or NULL */
    int plugin_fd;           /* the file that the plugin gets as its argument fd=N */
    const GuestWarm *warm;   /* QEMU outlives its guest; or NULL */
} GuestConfig;

typedef struct {
    GSubprocess *process;
    int input_fd;   /* write end of a pipe, non-blocking: what the guest reads from its console */
    int console_fd; /* read end of a pipe, non-blocking */
    int qmp_fd;     /* our end of a socketpair, non-blocking */
    int stderr_fd;  /* read end of a pipe, non-blocking: QEMU's standard error */
} Guest;

/*
 * The command line. `qmp_fd` is the descriptor number in the child; the console is its standard
 * output. Free with g_strfreev.
 */
GStrv guest_argv(const GuestConfig *config, int qmp_fd);

/* The command line that replays the recording in config->record_file on a terminal. */
GStrv guest_replay_argv(const GuestConfig *config);

/* The first of the accelerators `names` ("kvm:tcg") that this host has for a guest of that
 * architecture, or NULL. */
const char *guest_accelerator(const char *names, const char *arch);

/*
 * Starts QEMU, stopped (-S; with a gdb socket until gdb lets it run), in a process group of its
 * own, confined to its files where the system can (confinement.h); it dies with this thread. The
 * commands to go on are in the socket already: replies with ids GUEST_QMP_CAPABILITIES and, but for
 * a warm one, GUEST_QMP_CONT will come. NULL and *error (HARNESS_ERROR_QEMU) if it cannot be
 * started.
 */
Guest *guest_start(const GuestConfig *config, GError **error);

/* Ids of commands; those of the human monitor count on from the last. */
enum {
    GUEST_QMP_CAPABILITIES = 1,
    GUEST_QMP_CONT,
    GUEST_QMP_STOP,
    GUEST_QMP_CORE,
    GUEST_QMP_MONITOR,
};

/* Whether QEMU has not yet read all that was written to input_fd. */
gboolean guest_leaves_input(const Guest *guest);

/*
 * Has QEMU look at its console again. It asks a serial port whether it takes input only when
 * something wakes its main loop, which a guest that enables its receiver does not do with every
 * model (hw/char/cmsdk-apb-uart.c: CTRL). A signal wakes it and has no other effect (SIGIO in
 * util/main-loop.c: qemu_signal_init). A command on the control socket would do so too, but one
 * that comes while the guest powers off stops some QEMUs for ever (7.2, monitor_cleanup). Only for
 * a QEMU whose guest runs: one that starts would die of it.
 */
void guest_wake(Guest *guest);

/* SIGTERM, and SIGKILL when `hard`. Its pending output can still be read. */
void guest_kill(Guest *guest, gboolean hard);

/* Closes the descriptors; a process that still runs is killed. */
void guest_free(Guest *guest);

G_DEFINE_AUTOPTR_CLEANUP_FUNC(Guest, guest_free)
