#define _GNU_SOURCE /* memfd_create */
#include "fdio.h"
#include "error.h"
#include <errno.h>
#include <sys/mman.h>
#include <unistd.h>

gboolean fdio_write(int fd, const void *data, gsize size, GError **error) {
    const guint8 *at = data;
    while (size > 0) {
        ssize_t done = write(fd, at, size);
        if (done < 0 && errno == EINTR) continue;
        if (done < 0) return error_set_errno(error, errno, "write");
        at += done;
        size -= (gsize)done;
    }
    return TRUE;
}

int fdio_memfd(const char *name, GError **error) {
    int fd = memfd_create(name, MFD_CLOEXEC);
    if (fd < 0) error_set_errno(error, errno, "a file in memory for %s", name);
    return fd;
}

void fdio_clear(int *fd) {
    if (*fd >= 0) close(*fd);
    *fd = -1;
}
