#define _GNU_SOURCE /* nftw */
#include "guest/stage.h"
#include "base/error.h"
#include "base/fdio.h"
#include <errno.h>
#include <fcntl.h>
#include <ftw.h>
#include <string.h>
#include <unistd.h>

/* Descriptors that the walk of a tree may hold open. */
#define WALK_FDS 16

/* Where QEMU keeps what a guest sees of the files of a folder. */
#define SHARE_ATTRIBUTES ".virtfs_metadata"

GPtrArray *stage_folders(const GPtrArray *files) {
    g_autoptr(GHashTable) known = g_hash_table_new(g_str_hash, g_str_equal);
    GPtrArray *folders = g_ptr_array_new_with_free_func(g_free);
    for (guint i = 0; i < files->len; i++) {
        const InputFile *file = files->pdata[i];
        g_autofree char *whole = S_ISDIR(file->mode) ? g_strconcat(file->guest_path, "/", NULL)
                                                     : g_strdup(file->guest_path);
        for (const char *slash = whole; (slash = strchr(slash + 1, '/'));) {
            g_autofree char *folder = g_strndup(whole, (gsize)(slash - whole));
            if (g_hash_table_contains(known, folder)) continue;
            g_hash_table_add(known, folder);
            g_ptr_array_add(folders, g_steal_pointer(&folder));
        }
    }
    return folders;
}

static gboolean write_bytes(int folder, const char *path, guint32 mode, const void *data,
                            gsize size, GError **error) {
    int fd = openat(folder, path, O_WRONLY | O_CREAT | O_EXCL | O_CLOEXEC, 0600);
    if (fd < 0) return error_set_errno(error, errno, "%s", path);
    gboolean written = fdio_write(fd, data, size, error) &&
                       (fchmod(fd, mode & 07777) == 0 || error_set_errno(error, errno, "%s", path));
    fdio_clear(&fd);
    return written;
}

/* What the guest sees of a file or folder of a share. */
static gboolean write_attributes(int root, const char *path, guint32 mode, GError **error) {
    g_autofree char *folder = g_path_get_dirname(path), *name = g_path_get_basename(path);
    g_autofree char *beside = g_build_filename(folder, SHARE_ATTRIBUTES, NULL);
    g_autofree char *file = g_build_filename(beside, name, NULL);
    g_autofree char *text = g_strdup_printf("virtfs.uid=0\nvirtfs.gid=0\nvirtfs.mode=%u\n", mode);
    if (mkdirat(root, beside, 0700) != 0 && errno != EEXIST)
        return error_set_errno(error, errno, "%s", beside);
    return write_bytes(root, file, 0600, text, strlen(text), error);
}

static gboolean write_file(int root, const InputFile *file, gboolean is_share, GError **error) {
    const char *path = file->guest_path + 1;
    gsize size;
    const void *data = g_bytes_get_data(file->content, &size);
    if (S_ISLNK(file->mode) && !is_share) {
        g_autofree char *target = g_strndup(data, size);
        return symlinkat(target, root, path) == 0 || error_set_errno(error, errno, "%s", path);
    }
    return write_bytes(root, path, is_share ? 0600 : file->mode, data, size, error) &&
           (!is_share || write_attributes(root, path, file->mode, error));
}

/* Names in a folder may be set in its time only when all are there. */
static int set_time(const char *path, const struct stat *status, int type, struct FTW *walk) {
    const struct timespec times[2] = {{STAGE_TIME, 0}, {STAGE_TIME, 0}};
    (void)status;
    (void)type;
    (void)walk;
    return utimensat(AT_FDCWD, path, times, AT_SYMLINK_NOFOLLOW);
}

static gboolean fill(int root, const GPtrArray *files, gboolean is_share, GError **error) {
    g_autoptr(GPtrArray) folders = stage_folders(files);
    for (guint i = 0; i < folders->len; i++) {
        const char *path = (const char *)folders->pdata[i] + 1;
        if (mkdirat(root, path, 0700) != 0 || fchmodat(root, path, 0755, 0) != 0)
            return error_set_errno(error, errno, "%s", path);
        if (is_share && !write_attributes(root, path, S_IFDIR | 0755, error)) return FALSE;
    }
    for (guint i = 0; i < files->len; i++) {
        const InputFile *file = files->pdata[i];
        if (!S_ISDIR(file->mode) && !write_file(root, file, is_share, error)) return FALSE;
    }
    return TRUE;
}

char *stage_make(const GPtrArray *files, gboolean is_share, GError **error) {
    g_autofree char *folder = g_build_filename(g_get_tmp_dir(), "harness-files-XXXXXX", NULL);
    if (!g_mkdtemp_full(folder, 0755)) {
        error_set_errno(error, errno, "cannot create a folder in %s", g_get_tmp_dir());
        return NULL;
    }
    int root = open(folder, O_RDONLY | O_DIRECTORY | O_CLOEXEC);
    gboolean filled = root >= 0 ? fill(root, files, is_share, error)
                                : error_set_errno(error, errno, "cannot open %s", folder);
    fdio_clear(&root);
    if (filled && nftw(folder, set_time, WALK_FDS, FTW_DEPTH | FTW_PHYS) != 0)
        filled = error_set_errno(error, errno, "cannot set the times in %s", folder);
    if (filled) return g_steal_pointer(&folder);
    g_prefix_error(error, "the files for a disk or share, in %s: ", folder);
    (void)fdio_remove_tree(folder, NULL);
    return NULL;
}
