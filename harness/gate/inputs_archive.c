#include "gate/inputs_archive.h"
#include "base/cpio.h"
#include "base/error.h"
#include "base/fdio.h"
#include <errno.h>
#include <string.h>
#include <unistd.h>

/* The size of a sector of a virtio disk. */
#define SECTOR_BYTES 512

char *inputs_bootargs(const char *const *argv) {
    for (const char *const *word = argv; *word; word++)
        if (!**word || strpbrk(*word, " \t\n\r\v\f\"") || strcmp(*word, "dumpfs") == 0 ||
            strcmp(*word, "spawnlog") == 0 || g_str_has_prefix(*word, "nonce="))
            return NULL;
    return g_strjoinv(" ", (char **)argv);
}

/* The folders above `guest_path` that are not in `written` yet. */
static gboolean write_folders(CpioWriter *writer, GHashTable *written, const char *guest_path,
                              GError **error) {
    for (const char *slash = guest_path; (slash = strchr(slash + 1, '/'));) {
        char *folder = g_strndup(guest_path + 1, (gsize)(slash - guest_path) - 1);
        if (g_hash_table_add(written, folder) &&
            !cpio_write(writer, &(CpioEntry){folder, S_IFDIR | 0755}, error))
            return FALSE;
    }
    return TRUE;
}

/* `folders` is NULL if the archive needs none. */
static gboolean write_list(CpioWriter *writer, const GPtrArray *files, GHashTable *folders,
                           GError **error) {
    for (guint i = 0; i < files->len; i++) {
        const InputFile *file = files->pdata[i];
        gsize size;
        const void *data = g_bytes_get_data(file->content, &size);
        const CpioEntry entry = {file->guest_path + 1, file->mode, data, size,
                                 file->major,          file->minor};
        if (folders && !write_folders(writer, folders, file->guest_path, error)) return FALSE;
        if (S_ISDIR(file->mode) && folders &&
            !g_hash_table_add(folders, g_strdup(file->guest_path + 1)))
            continue;
        if (!cpio_write(writer, &entry, error)) return FALSE;
    }
    return TRUE;
}

static gboolean write_files(CpioWriter *writer, const Inputs *inputs, const char *const *argv,
                            const GPtrArray *own, GError **error) {
    g_autoptr(GHashTable) folders = g_hash_table_new_full(g_str_hash, g_str_equal, g_free, NULL);
    if (!write_list(writer, inputs->files, own ? folders : NULL, error) ||
        (own && !write_list(writer, own, folders, error)))
        return FALSE;
    g_autofree char *bootargs = argv ? inputs_bootargs(argv) : g_strdup("");
    if (!bootargs) {
        g_autofree char *joined = g_strjoinv("\n", (char **)argv);
        g_autofree char *lines = g_strconcat(joined, "\n", NULL);
        const CpioEntry entry = {INPUTS_ARGV_PATH + 1, INPUT_FILE_MODE, (const guint8 *)lines,
                                 strlen(lines)};
        if (!cpio_write(writer, &entry, error)) return FALSE;
    }
    return cpio_write_trailer(writer, error);
}

gboolean inputs_fit_steps(const char *const *argv) {
    for (; argv && *argv; argv++)
        if (!**argv || strpbrk(*argv, " \t\r\n")) return FALSE;
    return TRUE;
}

int inputs_archive(const Inputs *inputs, const char *const *argv, const GPtrArray *own,
                   GError **error) {
    int fd = fdio_memfd("initrd", error);
    CpioWriter writer = {fd, 0};
    if (fd < 0 || !write_files(&writer, inputs, argv, own, error)) {
        fdio_clear(&fd);
        return -1;
    }
    off_t size = lseek(fd, 0, SEEK_CUR);
    off_t whole = (size + SECTOR_BYTES - 1) / SECTOR_BYTES * SECTOR_BYTES;
    if (size < 0 || ftruncate(fd, whole) != 0) {
        error_set_errno(error, errno, "cannot write the archive of the guest's files");
        fdio_clear(&fd);
    }
    return fd;
}
