#include "gate/source_reader.h"
#include "base/error.h"
#include "base/fdio.h"
#include "base/text.h"
#include <errno.h>
#include <string.h>
#include <unistd.h>

SourceReader source_reader(const Gate *gate, Driver driver, const char *out_root) {
    return (SourceReader){gate, driver, out_root, project_files_new(gate->root, out_root)};
}

void source_reader_clear(SourceReader *reader) { project_files_free(reader->allowed); }

/* An output of an earlier case, on the same driver. */
static char *out_path(const SourceReader *reader, const SourcePart *part) {
    const char *gate_name, *path;
    g_autofree char *case_name = NULL;
    /* gate_parse has already resolved it. */
    if (!gate_resolve_out(reader->gate, part, &gate_name, &case_name, &path, NULL))
        g_assert_not_reached();
    g_autofree char *label = driver_label(reader->driver, gate_name);
    g_autofree char *guest_path = g_strconcat("/", path, NULL);
    return driver_output_path(reader->out_root, label, case_name, guest_path);
}

char *source_reader_path(const SourceReader *reader, const SourcePart *part) {
    const Gate *gate = reader->gate;
    switch (part->kind) {
    case SOURCE_FIXTURE:
        if (*part->path == '/') return g_strdup_printf("%s/fixtures%s", gate->root, part->path);
        return g_strdup_printf("%s/fixtures/%s/%s", gate->root, gate->name, part->path);
    case SOURCE_BUILD: return g_strdup_printf("%s/build/%s", gate->root, part->path);
    default: return out_path(reader, part);
    }
}

static GBytes *load_file(const SourceReader *reader, const SourcePart *part, const char *path,
                         FileStamp *ret_stamp, GError **error) {
    const Gate *gate = reader->gate;
    g_autoptr(GError) failed = NULL;
    if (!project_files_has(reader->allowed, path)) {
        diag_error(error, &gate->file, part->span, "%s leads out of the project by a symbolic link",
                   path);
        return NULL;
    }
    GBytes *bytes = fdio_load_stamped(path, ret_stamp, &failed);
    if (bytes) return bytes;
    diag_error(error, &gate->file, part->span, "%s%s", failed->message,
               part->kind == SOURCE_BUILD ? "; \"make build\" creates it" : "");
    return NULL;
}

GBytes *source_reader_part(const SourceReader *reader, const SourcePart *part, FileStamp *ret_stamp,
                           GError **error) {
    *ret_stamp = FILE_STAMP_NONE;
    if (part->kind == SOURCE_TEXT) return g_bytes_ref(part->text);
    if (part->kind == SOURCE_RANDOM) return source_random(part->seed, part->size);
    g_autofree char *path = source_reader_path(reader, part);
    return load_file(reader, part, path, ret_stamp, error);
}

GBytes *source_reader_load(const SourceReader *reader, const GPtrArray *source,
                           FileStamp *ret_stamp, GError **error) {
    if (source->len == 1) return source_reader_part(reader, source->pdata[0], ret_stamp, error);
    g_autoptr(GByteArray) joined = g_byte_array_new();
    for (guint i = 0; i < source->len; i++) {
        g_autoptr(GBytes) part = source_reader_part(reader, source->pdata[i], ret_stamp, error);
        *ret_stamp = FILE_STAMP_NONE;
        if (!part) return NULL;
        gsize size;
        const guint8 *data = g_bytes_get_data(part, &size);
        if (size > G_MAXUINT - joined->len) {
            diag_error(error, &reader->gate->file, ((SourcePart *)source->pdata[i])->span,
                       "the joined sources exceed 4 GiB");
            return NULL;
        }
        g_byte_array_append(joined, data, (guint)size);
    }
    return g_byte_array_free_to_bytes(g_steal_pointer(&joined));
}

/* ---- Folders ---- */

typedef struct {
    const SourceReader *reader;
    const SourcePart *part;
    gboolean as_it_is;
    SourceVisitor visitor;
    gpointer data;
} Walk;

static gboolean refuse_entry(const Walk *walk, const char *host, const char *why, GError **error) {
    return diag_error(error, &walk->reader->gate->file, walk->part->span, "%s: %s", host, why);
}

static gboolean visit_link(const Walk *walk, const char *host, const char *path, GError **error) {
    g_autoptr(GError) failed = NULL;
    char *target = g_file_read_link(host, &failed);
    if (!target) return refuse_entry(walk, host, failed->message, error);
    InputFile link = {.mode = S_IFLNK | 0777,
                      .content = g_bytes_new_take(target, strlen(target)),
                      .stamp = FILE_STAMP_NONE};
    return walk->visitor(walk->data, path, &link, error);
}

static gboolean visit_file(const Walk *walk, const char *host, const char *path,
                           const struct stat *status, GError **error) {
    InputFile file = {.mode = INPUT_FILE_MODE};
    file.content = load_file(walk->reader, walk->part, host, &file.stamp, error);
    /* Whoever checked the project out chose the other bits. */
    if (walk->as_it_is && !(status->st_mode & S_IXUSR)) file.mode = S_IFREG | 0644;
    return file.content && walk->visitor(walk->data, path, &file, error);
}

static gboolean visit_empty(const Walk *walk, const char *path, GError **error) {
    InputFile folder = {
        .mode = S_IFDIR | 0755, .content = g_bytes_new(NULL, 0), .stamp = FILE_STAMP_NONE};
    return walk->visitor(walk->data, path, &folder, error);
}

static gboolean walk_folder(const Walk *walk, const char *host, const char *path, GError **error);

static gboolean visit(const Walk *walk, const char *host, const char *path, GError **error) {
    struct stat status;
    if ((walk->as_it_is ? lstat : stat)(host, &status) != 0)
        return refuse_entry(walk, host, g_strerror(errno), error);
    if (S_ISDIR(status.st_mode)) return walk_folder(walk, host, path, error);
    return S_ISLNK(status.st_mode) ? visit_link(walk, host, path, error)
                                   : visit_file(walk, host, path, &status, error);
}

static gboolean walk_folder(const Walk *walk, const char *host, const char *path, GError **error) {
    g_autoptr(GError) failed = NULL;
    g_autoptr(GDir) dir = g_dir_open(host, 0, &failed);
    if (!dir)
        return diag_error(error, &walk->reader->gate->file, walk->part->span, "%s",
                          failed->message);
    g_autoptr(GPtrArray) names = g_ptr_array_new_with_free_func(g_free);
    for (const char *name; (name = g_dir_read_name(dir));)
        g_ptr_array_add(names, g_strdup(name));
    if (names->len == 0 && *path && walk->as_it_is) return visit_empty(walk, path, error);
    g_ptr_array_sort(names, text_compare_names);
    for (guint i = 0; i < names->len; i++) {
        g_autofree char *below = g_build_filename(host, names->pdata[i], NULL);
        g_autofree char *guest = g_strconcat(path, "/", names->pdata[i], NULL);
        if (!visit(walk, below, guest, error)) return FALSE;
    }
    return TRUE;
}

gboolean source_reader_tree(const SourceReader *reader, const SourcePart *part, gboolean as_it_is,
                            SourceVisitor visitor, gpointer data, GError **error) {
    const Walk walk = {reader, part, as_it_is, visitor, data};
    g_autofree char *host = source_reader_path(reader, part);
    if (!project_files_has(reader->allowed, host))
        return refuse_entry(&walk, host, "leads out of the project by a symbolic link", error);
    return walk_folder(&walk, host, "", error);
}
