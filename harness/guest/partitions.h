/*
 * Disks with a partition table, made and read by sfdisk of util-linux (Debian's package fdisk).
 * What is made depends on the partitions alone: ids are fixed, and partitions lie at multiples of 1
 * MiB in their order, as the tools of systems lay them.
 */
#pragma once
#include "gate/drive.h"

typedef struct {
    int fd; /* its bytes, in memory */
    DriveFormat format;
} Partition;

/* The id of partition N of a GPT, PARTUUID for Linux, ends with N; of an MBR it is this and "-0N".
 */
#define PARTITIONS_MBR_ID "00004000"

/*
 * Writes a table of `format` (DRIVE_GPT, DRIVE_MBR) and the partitions (of Partition) to the empty
 * file `fd`. `name` is that of the disk, for messages. FALSE and *error.
 */
gboolean partitions_make(int fd, const char *name, DriveFormat format, const GArray *partitions,
                         GError **error);

/*
 * Copies the partition `number`, from 1, of the disk that is in `fd`, whose table a guest may have
 * written, into a new file in memory. -1 without *error if there is no such partition; -1 and
 * *error if it cannot be read.
 */
int partitions_read(int fd, const char *name, guint number, GError **error);
