#define _GNU_SOURCE /* O_TMPFILE */
#include "attempt/cache_files.h"
#include "base/error.h"
#include "base/fdio.h"
#include <errno.h>
#include <fcntl.h>
#include <string.h>
#include <sys/stat.h>
#include <unistd.h>

char *cache_files_path(const char *folder, const char *kind, const char *name) {
    return g_strdup_printf("%s/%s/%.2s/%s", folder, kind, name, name);
}

static gboolean make_parent(const char *path, char **ret_parent, GError **error) {
    *ret_parent = g_path_get_dirname(path);
    return g_mkdir_with_parents(*ret_parent, 0777) == 0 ||
           error_set_errno(error, errno, "cannot create %s", *ret_parent);
}

gboolean cache_files_save(const char *path, const char *data, gsize size, GError **error) {
    g_autofree char *parent = NULL;
    return make_parent(path, &parent, error) &&
           g_file_set_contents_full(path, data, (gssize)size, G_FILE_SET_CONTENTS_CONSISTENT, 0666,
                                    error);
}

gboolean cache_files_has(const char *folder, const char *sha256, guint64 size) {
    g_autofree char *path = cache_files_path(folder, CACHE_OBJECTS, sha256);
    struct stat status;
    return stat(path, &status) == 0 && (guint64)status.st_size == size;
}

gboolean cache_incoming_open(CacheIncoming *incoming, const char *folder, const char *sha256,
                             GError **error) {
    g_autofree char *parent = NULL;
    *incoming = (CacheIncoming){cache_files_path(folder, CACHE_OBJECTS, sha256), g_strdup(sha256),
                                .fd = -1};
    sha256_init(&incoming->hash);
    if (!make_parent(incoming->path, &parent, error)) return FALSE;
    incoming->fd = open(parent, O_TMPFILE | O_RDWR | O_CLOEXEC, 0666);
    if (incoming->fd >= 0) return TRUE;
    /* File systems without O_TMPFILE fail with these errors; memory serves as well. */
    if (errno != EOPNOTSUPP && errno != EISDIR && errno != ENOENT)
        return error_set_errno(error, errno, "cannot write to %s", parent);
    incoming->fd = fdio_memfd("object", error);
    return incoming->fd >= 0;
}

gboolean cache_incoming_data(CacheIncoming *incoming, const guint8 *data, gsize length,
                             GError **error) {
    sha256_update(&incoming->hash, length, data);
    if (fdio_write(incoming->fd, data, length, error)) return TRUE;
    g_prefix_error(error, "%s: ", incoming->path);
    return FALSE;
}

gboolean cache_incoming_publish(CacheIncoming *incoming, GError **error) {
    char sha256[HASH_HEX_SIZE];
    hash_finish(&incoming->hash, sha256);
    if (strcmp(sha256, incoming->sha256) != 0) {
        g_set_error(error, HARNESS_ERROR, HARNESS_ERROR_PROTOCOL, "the hash of the bytes is %s",
                    sha256);
        return FALSE;
    }
    g_autofree char *source = g_strdup_printf("/proc/self/fd/%d", incoming->fd);
    if (linkat(AT_FDCWD, source, AT_FDCWD, incoming->path, AT_SYMLINK_FOLLOW) == 0) return TRUE;
    /* From memory, or in the place of a damaged object. */
    g_autoptr(GMappedFile) mapped = g_mapped_file_new_from_fd(incoming->fd, FALSE, error);
    if (!mapped) return FALSE;
    const char *data = g_mapped_file_get_contents(mapped);
    return cache_files_save(incoming->path, data ? data : "", g_mapped_file_get_length(mapped),
                            error);
}

void cache_incoming_clear(CacheIncoming *incoming) {
    fdio_clear(&incoming->fd);
    g_clear_pointer(&incoming->path, g_free);
    g_clear_pointer(&incoming->sha256, g_free);
}
