/* The disks, flash memories and shares of a guest while it runs. */
#pragma once
#include "gate/inputs.h"

typedef struct {
    const GateDrive *drive;
    int fd;       /* the bytes of a disk or flash, in memory; -1 for a share */
    char *folder; /* of a share, else NULL */
    int talk_fd;  /* of a port with a dialog: our end of its socket, non-blocking; else -1 */
    int qemu_fd;  /* and QEMU's, until it was started */
    int disk_fd;  /* of a partition: that of its disk, not owned; else -1 */
    guint number; /* and its number */
} GuestDrive;

/* Makes a private copy of what the gate gives; `is_talked`: there is a dialog on the port. NULL and
 * *error. */
GuestDrive *guest_drive_new(const InputDrive *input, gboolean is_talked, GError **error);

/* Puts the partitions of `drives` (of GuestDrive) into their disks. FALSE and *error. */
gboolean guest_drives_join(const GPtrArray *drives, GError **error);

/* The descriptor that QEMU gets, or -1. */
int guest_drive_fd(const GuestDrive *drive);

/* QEMU was started: only it holds its end of the socket from now on. */
void guest_drive_started(GuestDrive *drive);

/* Removes the folder of a share. */
void guest_drive_free(GuestDrive *drive);

/*
 * A descriptor with the bytes of `path`, a file on the drive or "" for the whole, once QEMU has
 * ended. -1 without *error if there is no such regular file; -1 and *error if it cannot be read.
 */
int guest_drive_read(const GuestDrive *drive, const char *path, GError **error);

/* Appends the words of QEMU's command line that give the drive to its machine; a disk or flash is
 * the descriptor `child_fd` there. `machine`: NULL for QEMU's default. */
void guest_drive_append(const GuestDrive *drive, int child_fd, const char *arch,
                        const char *machine, GStrvBuilder *argv);

/* What QEMU says when the machine has no bus for a disk, explained; or "". */
const char *guest_drive_hint(const char *said);

G_DEFINE_AUTOPTR_CLEANUP_FUNC(GuestDrive, guest_drive_free)
