/* Whole reads and writes of file descriptors, and files that have no name. */
#pragma once
#include <glib.h>

/* Writes all `size` bytes, however often the system takes only a part. */
gboolean fdio_write(int fd, const void *data, gsize size, GError **error);

/*
 * The bytes of a regular file. A FIFO or a device, which could make us wait for ever, is refused,
 * as is a folder. NULL and *error: "PATH: why".
 */
GBytes *fdio_load(const char *path, GError **error);

/* A close-on-exec file in memory; `name` shows in /proc. -1 and *error when there is none. */
int fdio_memfd(const char *name, GError **error);

/* Closes *fd unless it is -1, and makes it -1. */
void fdio_clear(int *fd);

/* Whether no link lies on the way from the folder `root` to `path`, which begins with it: what is
 * written or removed there would be somewhere else. FALSE and *error, which names the link. */
gboolean fdio_check_links(const char *root, const char *path, GError **error);
