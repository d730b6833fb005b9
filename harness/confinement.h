/*
 * Keeps QEMU to the files that it needs, by Linux's Landlock (Linux,
 * Documentation/userspace-api/landlock.rst): the system's programs, libraries and devices, what the
 * program itself consists of, what a run gives it, and what the user names in HARNESS_QEMU_PATHS.
 * All other files can be neither opened nor made; descriptors that it inherits work as before. No
 * TCP socket can be bound or connected either, where the system's Landlock knows of them.
 */
#pragma once
#include <glib.h>

typedef enum {
    CONFINEMENT_READ,    /* a file, or all below a folder */
    CONFINEMENT_WRITE,   /* a file that is there already is read and written */
    CONFINEMENT_SOCKETS, /* sockets are made and removed in a folder */
} ConfinementUse;

typedef struct {
    const char *path; /* NULL: nothing */
    ConfinementUse use;
} ConfinementPath;

/* Folders and files, separated by colons, that QEMU may read, write and run programs from besides:
 * for a program that starts another, or keeps files of its own. "/": all. */
#define CONFINEMENT_VARIABLE "HARNESS_QEMU_PATHS"

/* "Landlock, ABI 7"; "none: WHY" where this system has none. Valid for ever. */
const char *confinement_describe(void);
gboolean confinement_exists(void);

/*
 * The rules for `program` (a name or a path) and for `paths`, of which there are `n`: a
 * close-on-exec descriptor for confinement_enter. Paths that are not there are passed over. -1
 * without *error where the system has no Landlock, -1 and *error (HARNESS_ERROR_QEMU) when the
 * rules cannot be made.
 */
int confinement_new(const char *program, const ConfinementPath *paths, gsize n, GError **error);

/* Puts the calling thread and what it starts under these rules, for ever; it gets no new rights by
 * exec from then on. Async-signal-safe. FALSE with errno. */
gboolean confinement_enter(int rules);

/* What to do, where `said`, the last words of a program that was confined, tells of a file that it
 * was not permitted to open; else "". */
const char *confinement_hint(const char *said);
