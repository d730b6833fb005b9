#define _GNU_SOURCE /* O_TMPFILE */
#include "attempt/outputs.h"
#include "base/error.h"
#include "base/fdio.h"
#include "base/hash.h"
#include "base/paths.h"
#include "base/text.h"
#include <errno.h>
#include <fcntl.h>
#include <stdio.h>
#include <string.h>
#include <sys/stat.h>
#include <unistd.h>

struct _Outputs {
    char *folder;
    int folder_fd;
    char *path; /* of the file that was begun, relative to the folder */
    int fd;     /* its bytes, in a file without a name */
    struct sha256_ctx hash;
    char sha256[HASH_HEX_SIZE]; /* once outputs_sha256 was asked for */
};

Outputs *outputs_new(const char *folder, GError **error) {
    g_autoptr(Outputs) outputs = g_new0(Outputs, 1);
    outputs->folder = g_strdup(folder);
    outputs->fd = outputs->folder_fd = -1;
    if (!folder) return g_steal_pointer(&outputs);
    if (!fdio_remove_tree(folder, error)) return NULL;
    if (g_mkdir_with_parents(folder, 0777) != 0 ||
        (outputs->folder_fd = open(folder, O_RDONLY | O_DIRECTORY | O_CLOEXEC)) < 0) {
        error_set_errno(error, errno, "cannot create the output folder %s", folder);
        return NULL;
    }
    return g_steal_pointer(&outputs);
}

void outputs_free(Outputs *outputs) {
    outputs_drop(outputs);
    fdio_clear(&outputs->folder_fd);
    g_free(outputs->folder);
    g_free(outputs);
}

void outputs_drop(Outputs *outputs) {
    fdio_clear(&outputs->fd);
    g_clear_pointer(&outputs->path, g_free);
}

gboolean outputs_begin(Outputs *outputs, const char *guest_path, GError **error) {
    outputs_drop(outputs);
    sha256_init(&outputs->hash);
    outputs->sha256[0] = '\0';
    const char *why = path_check_guest(guest_path);
    if (why) {
        g_autofree char *shown = g_strndup(guest_path, GUEST_PATH_MAX);
        g_autofree char *printable = text_line(shown);
        g_set_error(error, HARNESS_ERROR, HARNESS_ERROR_PROTOCOL,
                    "the guest sent a file \"%s\": the path %s", printable, why);
        return FALSE;
    }
    outputs->path = g_strdup(guest_path + 1);
    if (!outputs->folder) {
        outputs->fd = open("/dev/null", O_WRONLY | O_CLOEXEC);
        return outputs->fd >= 0 || error_set_errno(error, errno, "/dev/null");
    }
    outputs->fd = openat(outputs->folder_fd, ".", O_TMPFILE | O_RDWR | O_CLOEXEC, 0777);
    /* File systems without O_TMPFILE fail with these errors; memory serves as well. */
    if (outputs->fd < 0 && (errno == EOPNOTSUPP || errno == EISDIR || errno == ENOENT))
        outputs->fd = fdio_memfd(outputs->path, error);
    else if (outputs->fd < 0)
        error_set_errno(error, errno, "cannot write to %s", outputs->folder);
    return outputs->fd >= 0;
}

gboolean outputs_data(Outputs *outputs, const guint8 *data, gsize length, GError **error) {
    sha256_update(&outputs->hash, length, data);
    if (fdio_write(outputs->fd, data, length, error)) return TRUE;
    g_prefix_error(error, "%s/%s: ", outputs->folder, outputs->path);
    return FALSE;
}

const char *outputs_sha256(Outputs *outputs) {
    if (!*outputs->sha256) hash_finish(&outputs->hash, outputs->sha256);
    return outputs->sha256;
}

/* The folder of outputs->path, made component by component without following links, since what
 * is below the output folder came from a guest. -1 and *error. */
static int open_parent(Outputs *outputs, const char **ret_name, GError **error) {
    int fd = fcntl(outputs->folder_fd, F_DUPFD_CLOEXEC, 0);
    const char *at = outputs->path;
    for (const char *slash; fd >= 0 && (slash = strchr(at, '/')); at = slash + 1) {
        g_autofree char *name = g_strndup(at, (gsize)(slash - at));
        if (mkdirat(fd, name, 0777) != 0 && errno != EEXIST) {
            fdio_clear(&fd);
            break;
        }
        int next = openat(fd, name, O_RDONLY | O_DIRECTORY | O_NOFOLLOW | O_CLOEXEC);
        int saved = errno;
        fdio_clear(&fd);
        errno = saved;
        fd = next;
    }
    if (fd < 0)
        error_set_errno(error, errno, "cannot create the folder of %s/%s", outputs->folder,
                        outputs->path);
    *ret_name = at;
    return fd;
}

/* Copies a file held in memory to a named file. */
static gboolean copy_named(int from, int folder, const char *name) {
    int to = openat(folder, name, O_WRONLY | O_CREAT | O_EXCL | O_CLOEXEC, 0777);
    if (to < 0) return FALSE;
    char buffer[65536];
    ssize_t got = lseek(from, 0, SEEK_SET) == 0 ? 1 : -1;
    while (got > 0 && (got = read(from, buffer, sizeof buffer)) > 0)
        got = fdio_write(to, buffer, (gsize)got, NULL) ? got : -1;
    int saved = errno;
    if (got < 0) unlinkat(folder, name, 0);
    fdio_clear(&to);
    errno = saved;
    return got == 0;
}

gboolean outputs_publish(Outputs *outputs, GError **error) {
    const char *name;
    if (!outputs->folder) {
        outputs_drop(outputs);
        return TRUE;
    }
    int folder = open_parent(outputs, &name, error);
    if (folder < 0) return FALSE;
    g_autofree char *source = g_strdup_printf("/proc/self/fd/%d", outputs->fd);
    gboolean done = linkat(AT_FDCWD, source, folder, name, AT_SYMLINK_FOLLOW) == 0;
    if (!done && errno != EEXIST) done = copy_named(outputs->fd, folder, name);
    if (!done && errno == EEXIST)
        g_set_error(error, HARNESS_ERROR, HARNESS_ERROR_PROTOCOL,
                    "the guest sent the file /%s twice", outputs->path);
    else if (!done)
        error_set_errno(error, errno, "cannot write %s/%s", outputs->folder, outputs->path);
    fdio_clear(&folder);
    outputs_drop(outputs);
    return done;
}
