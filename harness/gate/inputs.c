#include "gate/inputs.h"
#include "base/cpio.h"
#include "base/error.h"
#include "base/fdio.h"
#include "base/mistakes.h"
#include "base/text.h"
#include "gate/driver.h"
#include "gate/project_files.h"
#include <errno.h>
#include <string.h>
#include <unistd.h>

/* The size of a sector of a virtio disk. */
#define SECTOR_BYTES 512
/* Where the kernel finds the arguments of init, one on each line (docs/contract.md). */
#define ARGV_PATH "/init.argv"

static void input_file_free(gpointer data) {
    InputFile *file = data;
    g_free(file->guest_path);
    g_bytes_unref(file->content);
    g_free(file);
}

GPtrArray *inputs_list(void) { return g_ptr_array_new_with_free_func(input_file_free); }

void inputs_add(GPtrArray *files, const char *guest_path, GBytes *content) {
    InputFile *file = g_new0(InputFile, 1);
    file->guest_path = g_strdup(guest_path);
    file->content = content;
    file->stamp = FILE_STAMP_NONE;
    g_ptr_array_add(files, file);
}

GBytes *inputs_find(const GPtrArray *files, const char *guest_path) {
    for (guint i = 0; i < files->len; i++) {
        const InputFile *file = files->pdata[i];
        if (strcmp(file->guest_path, guest_path) == 0) return file->content;
    }
    return NULL;
}

void inputs_free(Inputs *inputs) {
    g_ptr_array_unref(inputs->files);
    g_ptr_array_unref(inputs->equals);
    if (inputs->initrd) g_ptr_array_unref(inputs->initrd);
    g_free(inputs);
}

/* The context in which sources are read. */
typedef struct {
    const Gate *gate;
    Driver driver;
    const char *out_root;
    ProjectFiles *allowed;
} Reader;

static Reader reader_of(const Gate *gate, Driver driver, const char *out_root) {
    return (Reader){gate, driver, out_root, project_files_new(gate->root, out_root)};
}

static void reader_clear(Reader *reader) { project_files_free(reader->allowed); }

G_DEFINE_AUTO_CLEANUP_CLEAR_FUNC(Reader, reader_clear)

/* An output of an earlier case, on the same driver. */
static char *out_path(const Reader *reader, const SourcePart *part) {
    const char *gate_name, *path;
    g_autofree char *case_name = NULL;
    /* gate_parse has already resolved it. */
    if (!gate_resolve_out(reader->gate, part, &gate_name, &case_name, &path, NULL))
        g_assert_not_reached();
    g_autofree char *label = driver_label(reader->driver, gate_name);
    g_autofree char *guest_path = g_strconcat("/", path, NULL);
    return driver_output_path(reader->out_root, label, case_name, guest_path);
}

static char *host_path(const Reader *reader, const SourcePart *part) {
    const Gate *gate = reader->gate;
    switch (part->kind) {
    case SOURCE_FIXTURE:
        if (*part->path == '/') return g_strdup_printf("%s/fixtures%s", gate->root, part->path);
        return g_strdup_printf("%s/fixtures/%s/%s", gate->root, gate->name, part->path);
    case SOURCE_BUILD: return g_strdup_printf("%s/build/%s", gate->root, part->path);
    default: return out_path(reader, part);
    }
}

static GBytes *load_file(const Reader *reader, const SourcePart *part, const char *path,
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

/* *ret_stamp stays FILE_STAMP_NONE if the part is not a file. */
static GBytes *load_part(const Reader *reader, const SourcePart *part, FileStamp *ret_stamp,
                         GError **error) {
    *ret_stamp = FILE_STAMP_NONE;
    if (part->kind == SOURCE_TEXT) return g_bytes_ref(part->text);
    if (part->kind == SOURCE_RANDOM) return source_random(part->seed, part->size);
    g_autofree char *path = host_path(reader, part);
    return load_file(reader, part, path, ret_stamp, error);
}

/* The stamp is that of the file which is the whole content, or FILE_STAMP_NONE. */
static GBytes *load_source(const Reader *reader, const GPtrArray *source, FileStamp *ret_stamp,
                           GError **error) {
    if (source->len == 1) return load_part(reader, source->pdata[0], ret_stamp, error);
    g_autoptr(GByteArray) joined = g_byte_array_new();
    for (guint i = 0; i < source->len; i++) {
        g_autoptr(GBytes) part = load_part(reader, source->pdata[i], ret_stamp, error);
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

static void add_stamped(GPtrArray *files, const char *guest_path, GBytes *content,
                        const FileStamp *stamp) {
    inputs_add(files, guest_path, content);
    ((InputFile *)files->pdata[files->len - 1])->stamp = *stamp;
}

/* The state of loading a case's inputs. */
typedef struct {
    const Reader *reader;
    const GateInput *input; /* the current one */
    GuestPaths *paths;
    GPtrArray *files, *initrd;
} Loading;

static gboolean add_loaded(const Loading *loading, const char *guest_path, GBytes *content,
                           const FileStamp *stamp, GError **error) {
    if (!content) return FALSE;
    if (!gate_add_path(loading->reader->gate, loading->paths, loading->input, guest_path, error)) {
        g_bytes_unref(content);
        return FALSE;
    }
    add_stamped(loading->files, guest_path, content, stamp);
    return TRUE;
}

/* Adds every file below the host folder `path`, in the order of their names. */
static gboolean add_tree(const Loading *loading, const char *path, const char *guest_path,
                         GError **error) {
    const Gate *gate = loading->reader->gate;
    const SourcePart *part = loading->input->source->pdata[0];
    g_autoptr(GError) failed = NULL;
    g_autoptr(GDir) dir = g_dir_open(path, 0, &failed);
    if (!dir) return diag_error(error, &gate->file, part->span, "%s", failed->message);
    g_autoptr(GPtrArray) names = g_ptr_array_new_with_free_func(g_free);
    for (const char *name; (name = g_dir_read_name(dir));)
        g_ptr_array_add(names, g_strdup(name));
    g_ptr_array_sort(names, text_compare_names);
    for (guint i = 0; i < names->len; i++) {
        g_autofree char *host = g_build_filename(path, names->pdata[i], NULL);
        g_autofree char *guest = g_strconcat(guest_path, "/", names->pdata[i], NULL);
        if (g_file_test(host, G_FILE_TEST_IS_DIR)) {
            if (!add_tree(loading, host, guest, error)) return FALSE;
            continue;
        }
        FileStamp stamp;
        GBytes *content = load_file(loading->reader, part, host, &stamp, error);
        if (!add_loaded(loading, guest, content, &stamp, error)) return FALSE;
    }
    return TRUE;
}

static gboolean load_input(const Loading *loading, GError **error) {
    const GateInput *input = loading->input;
    if (input->kind != INPUT_TREE) {
        FileStamp stamp;
        GBytes *content = load_source(loading->reader, input->source, &stamp, error);
        if (input->kind == INPUT_FILE)
            return add_loaded(loading, input->guest_path, content, &stamp, error);
        if (content) add_stamped(loading->initrd, "", content, &stamp);
        return content != NULL;
    }
    g_autofree char *path = host_path(loading->reader, input->source->pdata[0]);
    return add_tree(loading, path, input->guest_path, error);
}

/* Adds the arguments as a file if bootargs cannot carry them. */
static gboolean check_argv(const Reader *reader, const GateCase *c, const GPtrArray *files,
                           GError **error) {
    g_autofree char *bootargs =
        c->argv ? inputs_bootargs((const char *const *)c->argv) : g_strdup("");
    return bootargs || !inputs_find(files, ARGV_PATH) ||
           diag_error(error, &reader->gate->file, c->span,
                      "the argv of case \"%s\" goes into " ARGV_PATH ", a file that the case has "
                      "already",
                      c->name);
}

/* Another kernel, its firmware and its device tree must be in the project too. */
static gboolean check_kernel(const Reader *reader, const GateCase *c, GError **error) {
    const char *const names[] = {"kernel", "firmware", "device tree", "ELF file with symbols"};
    const char *const paths[] = {c->kernel, c->firmware, c->dtb, c->symbols};
    for (guint i = 0; i < G_N_ELEMENTS(paths); i++) {
        g_autofree char *path =
            paths[i] ? g_build_filename(reader->gate->root, paths[i], NULL) : NULL;
        if (path && !project_files_has(reader->allowed, path))
            return diag_error(error, &reader->gate->file, c->span,
                              "the %s of case \"%s\", %s, leads out of the project by a symbolic "
                              "link",
                              names[i], c->name, path);
    }
    return TRUE;
}

Inputs *inputs_load(const Gate *gate, const GateCase *c, Driver driver, const char *out_root,
                    GError **error) {
    g_auto(Reader) reader = reader_of(gate, driver, out_root);
    g_autoptr(Inputs) inputs = g_new0(Inputs, 1);
    inputs->files = inputs_list();
    inputs->equals = inputs_list();
    inputs->initrd = inputs_list();
    g_autoptr(GuestPaths) paths = guest_paths_new();
    for (guint i = 0; i < c->inputs->len; i++) {
        const Loading loading = {&reader, c->inputs->pdata[i], paths, inputs->files,
                                 inputs->initrd};
        if (!load_input(&loading, error)) return NULL;
    }
    if (!check_argv(&reader, c, inputs->files, error) || !check_kernel(&reader, c, error))
        return NULL;
    for (guint i = 0; i < c->expects->len; i++) {
        const GateExpect *expect = c->expects->pdata[i];
        if (!expect->source) continue;
        FileStamp stamp;
        GBytes *content = load_source(&reader, expect->source, &stamp, error);
        if (!content) return NULL;
        add_stamped(inputs->equals, expect->guest_path, content, &stamp);
    }
    return g_steal_pointer(&inputs);
}

/* Whether a source can be read before any case has run. */
static gboolean is_at_hand(const GPtrArray *source) {
    for (guint i = 0; i < source->len; i++)
        if (((const SourcePart *)source->pdata[i])->kind == SOURCE_OUT) return FALSE;
    return TRUE;
}

/* Adds a mistake for each missing part of a source. */
static void check_source(const Reader *reader, const GPtrArray *source, GPtrArray *mistakes) {
    for (guint i = 0; i < source->len; i++) {
        const SourcePart *part = source->pdata[i];
        GError *error = NULL;
        FileStamp stamp;
        g_autoptr(GBytes) bytes =
            part->kind == SOURCE_OUT ? NULL : load_part(reader, part, &stamp, &error);
        if (error) mistakes_take(mistakes, error);
    }
}

/* Checks the paths of an input. A file that cannot be read yet still occupies its path. */
static gboolean check_input(const Loading *loading, GError **error) {
    const FileStamp none = FILE_STAMP_NONE;
    const GateInput *input = loading->input;
    if (input->kind == INPUT_INITRD) return TRUE;
    if (input->kind == INPUT_TREE) return !is_at_hand(input->source) || load_input(loading, error);
    return add_loaded(loading, input->guest_path, g_bytes_new(NULL, 0), &none, error);
}

void inputs_check(const Gate *gate, const GateCase *c, GPtrArray *mistakes) {
    g_auto(Reader) reader = reader_of(gate, DRIVER_SEED, NULL);
    g_autoptr(GuestPaths) paths = guest_paths_new();
    g_autoptr(GPtrArray) files = inputs_list();
    GError *error = NULL;
    for (guint i = 0; i < c->inputs->len; i++) {
        const Loading loading = {&reader, c->inputs->pdata[i], paths, files, files};
        if (loading.input->kind != INPUT_TREE)
            check_source(&reader, loading.input->source, mistakes);
        if (!check_input(&loading, &error)) mistakes_take(mistakes, g_steal_pointer(&error));
    }
    if (!check_argv(&reader, c, files, &error)) mistakes_take(mistakes, g_steal_pointer(&error));
    if (!check_kernel(&reader, c, &error)) mistakes_take(mistakes, g_steal_pointer(&error));
    for (guint i = 0; i < c->expects->len; i++) {
        const GateExpect *expect = c->expects->pdata[i];
        if (expect->source) check_source(&reader, expect->source, mistakes);
    }
}

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
        if (g_hash_table_add(written, folder) && !cpio_write_folder(writer, folder, error))
            return FALSE;
    }
    return TRUE;
}

/* `folders` is NULL if the archive needs none. */
static gboolean write_list(CpioWriter *writer, const GPtrArray *files, GHashTable *folders,
                           GError **error) {
    for (guint i = 0; i < files->len; i++) {
        const InputFile *file = files->pdata[i];
        if (folders && !write_folders(writer, folders, file->guest_path, error)) return FALSE;
        if (!cpio_write_file(writer, file->guest_path + 1, file->content, error)) return FALSE;
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
        g_autoptr(GBytes) content = g_bytes_new(lines, strlen(lines));
        if (!cpio_write_file(writer, ARGV_PATH + 1, content, error)) return FALSE;
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
