/* Complete reads and writes of file descriptors, and files without a name. */
#pragma once
#include "base/file_stamp.h"
#include <glib.h>

/* Writes all `size` bytes, repeating partial writes. */
gboolean fdio_write(int fd, const void *data, gsize size, GError **error);

/*
 * The bytes of a regular file. FIFOs and devices, which could block, are refused, as are
 * folders. NULL and *error: "PATH: why".
 */
GBytes *fdio_load(const char *path, GError **error);

/* The same, with the file's stamp of before it was read. */
GBytes *fdio_load_stamped(const char *path, FileStamp *ret_stamp, GError **error);

/* All bytes up to the end of `fd`, whatever it is. NULL and *error: "NAME: why". */
GBytes *fdio_read_all(int fd, const char *name, GError **error);

/* A close-on-exec file in memory; `name` shows in /proc. -1 and *error on failure. */
int fdio_memfd(const char *name, GError **error);

/* Closes *fd unless it is -1, and makes it -1. */
void fdio_clear(int *fd);

/* Whether `path`, which begins with the folder `root`, has no symbolic link below `root`: a link
 * would redirect writes and removals. FALSE and *error, which names the link. */
gboolean fdio_check_links(const char *root, const char *path, GError **error);

/* Removes a folder and all below it; a missing folder is not an error. Symbolic links are removed,
 * not followed. */
gboolean fdio_remove_tree(const char *folder, GError **error);
