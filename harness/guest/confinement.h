/*
 * Restricts QEMU to the files that it needs, by Linux's Landlock (Linux,
 * Documentation/userspace-api/landlock.rst): the system's programs, libraries and devices, the
 * program's own files, the files of the run, and the paths in HARNESS_QEMU_PATHS. All other files
 * can be neither opened nor created; descriptors that it inherits work as before. No
 * TCP socket can be bound or connected either, where the system's Landlock knows of them.
 */
#pragma once
#include <glib.h>

typedef enum {
    CONFINEMENT_READ,    /* a file, or all below a folder */
    CONFINEMENT_WRITE,   /* an existing file is read and written */
    CONFINEMENT_TREE,    /* all below a folder is read, written, created and removed */
    CONFINEMENT_SOCKETS, /* sockets are created and removed in a folder */
} ConfinementUse;

typedef struct {
    const char *path; /* NULL: nothing */
    ConfinementUse use;
} ConfinementPath;

/* Additional folders and files, separated by colons, that QEMU may read, write and execute: for a
 * program that starts another or keeps its own files. "/": all. */
#define CONFINEMENT_VARIABLE "HARNESS_QEMU_PATHS"

/* "Landlock, ABI 7"; "none: WHY" if this system has none. Always valid. */
const char *confinement_describe(void);
gboolean confinement_exists(void);

/*
 * The rules for `program` (a name or a path) and for `paths`, of which there are `n`: a
 * close-on-exec descriptor for confinement_enter. Missing paths are ignored. -1 without
 * *error if the system has no Landlock, -1 and *error (HARNESS_ERROR_QEMU) if the rules cannot be
 * made.
 */
int confinement_new(const char *program, const ConfinementPath *paths, gsize n, GError **error);

/* Applies the rules to the calling thread and its children, permanently; exec gives no new rights
 * from then on. Async-signal-safe. FALSE with errno. */
gboolean confinement_enter(int rules);

/* A hint if `said`, the last output of a confined program, reports a file that it was not permitted
 * to open; else "". */
const char *confinement_hint(const char *said);
