/*
 * Images of file systems, made of files and read again, by the tools of e2fsprogs (mke2fs,
 * debugfs), mtools and squashfs-tools. What is made depends on the files and the tools alone: times
 * are 1980, which FAT begins with, owners are 0, and names come in their order.
 */
#pragma once
#include "gate/inputs.h"

/* The tools that make an image of that format; ends with NULL. */
const char *const *image_tools(DriveFormat format);

/*
 * Writes a file system of `size` bytes (squashfs: as many as it wants) with `files` (of InputFile)
 * to the empty file `fd`. `name` is that of the disk, for messages. FALSE and *error, also if a
 * tool is missing.
 */
gboolean image_make(int fd, const char *name, DriveFormat format, guint64 size,
                    const GPtrArray *files, GError **error);

/* Whether `fd` begins with a file system that image_read knows. */
gboolean image_has_files(int fd);

/*
 * Reads the file `path` ("/a/b") of the file system that is in `fd`, ext2 to ext4 or FAT, into a
 * new file in memory. -1 without *error if the file system has no such regular file; -1 and *error
 * if it cannot be read. The tool that reads it, what a guest wrote, may open nothing else of the
 * host.
 */
int image_read(int fd, const char *name, const char *path, GError **error);
