#define _GNU_SOURCE /* memfd_create, nftw */
#include "base/fdio.h"
#include "base/error.h"
#include <errno.h>
#include <fcntl.h>
#include <ftw.h>
#include <stdio.h>
#include <sys/mman.h>
#include <sys/stat.h>
#include <unistd.h>

/* Descriptors that the walk of a tree may hold open. */
#define WALK_FDS 16

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

static const char *kind_of(mode_t mode) {
    return S_ISDIR(mode)    ? "a folder"
           : S_ISFIFO(mode) ? "a FIFO"
           : S_ISSOCK(mode) ? "a socket"
                            : "a device";
}

/* `fd` is open on `path`. */
static GBytes *load(int fd, const char *path, FileStamp *ret_stamp, GError **error) {
    struct stat status;
    if (fstat(fd, &status) != 0) {
        error_set_errno(error, errno, "%s", path);
        return NULL;
    }
    if (!S_ISREG(status.st_mode)) {
        g_set_error(error, HARNESS_ERROR, HARNESS_ERROR_IO, "%s: %s, not a file", path,
                    kind_of(status.st_mode));
        return NULL;
    }
    *ret_stamp = file_stamp(&status);
    g_autoptr(GError) failed = NULL;
    g_autoptr(GMappedFile) mapped = g_mapped_file_new_from_fd(fd, FALSE, &failed);
    if (mapped) return g_mapped_file_get_bytes(mapped);
    g_set_error(error, HARNESS_ERROR, HARNESS_ERROR_IO, "%s: %s", path, failed->message);
    return NULL;
}

GBytes *fdio_load_stamped(const char *path, FileStamp *ret_stamp, GError **error) {
    /* Without O_NONBLOCK the open of a FIFO would wait for a writer. */
    int fd = open(path, O_RDONLY | O_NONBLOCK | O_NOCTTY | O_CLOEXEC);
    if (fd < 0) {
        error_set_errno(error, errno, "%s", path);
        return NULL;
    }
    GBytes *bytes = load(fd, path, ret_stamp, error);
    fdio_clear(&fd);
    return bytes;
}

GBytes *fdio_load(const char *path, GError **error) {
    FileStamp stamp;
    return fdio_load_stamped(path, &stamp, error);
}

GBytes *fdio_read_all(int fd, const char *name, GError **error) {
    g_autoptr(GByteArray) all = g_byte_array_new();
    guint8 piece[1 << 16];
    ssize_t got;
    while ((got = read(fd, piece, sizeof piece)) != 0) {
        if (got < 0 && errno == EINTR) continue;
        if (got < 0) {
            error_set_errno(error, errno, "%s", name);
            return NULL;
        }
        g_byte_array_append(all, piece, (guint)got);
    }
    return g_byte_array_free_to_bytes(g_steal_pointer(&all));
}

int fdio_memfd(const char *name, GError **error) {
    int fd = memfd_create(name, MFD_CLOEXEC);
    if (fd < 0) error_set_errno(error, errno, "cannot create a file in memory for %s", name);
    return fd;
}

void fdio_clear(int *fd) {
    if (*fd >= 0) close(*fd);
    *fd = -1;
}

gboolean fdio_check_links(const char *root, const char *path, GError **error) {
    for (const char *at = path + strlen(root); *at;) {
        at += strspn(at, "/");
        at += strcspn(at, "/");
        struct stat status;
        g_autofree char *part = g_strndup(path, (gsize)(at - path));
        if (lstat(part, &status) != 0) return TRUE; /* then nothing is below it either */
        if (!S_ISLNK(status.st_mode)) continue;
        g_set_error(error, HARNESS_ERROR, HARNESS_ERROR_IO,
                    "%s is a link; the harness writes and removes files only below %s; remove the "
                    "link or name another folder",
                    part, root);
        return FALSE;
    }
    return TRUE;
}

static int remove_entry(const char *path, const struct stat *status, int type, struct FTW *walk) {
    (void)status;
    (void)type;
    (void)walk;
    return remove(path);
}

gboolean fdio_remove_tree(const char *folder, GError **error) {
    if (nftw(folder, remove_entry, WALK_FDS, FTW_DEPTH | FTW_PHYS) == 0 || errno == ENOENT)
        return TRUE;
    return error_set_errno(error, errno, "cannot remove %s", folder);
}
