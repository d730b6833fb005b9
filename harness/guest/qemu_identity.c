#include "guest/qemu_identity.h"
#include "base/error.h"
#include "base/fdio.h"
#include <elf.h>
#include <gio/gio.h>
#include <string.h>
#include <sys/stat.h>

typedef struct {
    GString *text;
    HashMemo *memo;
} Identity;

/* A file that is not there, or cannot be read by this user, is not one of QEMU's. */
static void add_file(const Identity *identity, const char *path) {
    struct stat status;
    if (stat(path, &status) != 0 || !S_ISREG(status.st_mode)) return;
    g_autofree char *hash = hash_memo_file(identity->memo, path, NULL);
    g_string_append_printf(identity->text, "%s %s\n", path, hash ? hash : "-");
}

/* The output of `argv`; NULL and *error if it cannot be run or fails. */
static char *output_of(const char *const *argv, GError **error) {
    char *text = NULL;
    g_autoptr(GSubprocess) process = g_subprocess_newv(
        argv, G_SUBPROCESS_FLAGS_STDOUT_PIPE | G_SUBPROCESS_FLAGS_STDERR_SILENCE, error);
    if (!process || !g_subprocess_communicate_utf8(process, NULL, NULL, &text, NULL, error))
        return NULL;
    if (g_subprocess_get_successful(process)) return text;
    g_free(text);
    g_set_error(error, HARNESS_ERROR, HARNESS_ERROR_QEMU, "%s fails", argv[0]);
    return NULL;
}

/* The loader of the program: "" if it is linked statically. NULL and *error if it is not a program
 * of this host. */
static char *find_loader(const char *path, GError **error) {
    g_autoptr(GBytes) bytes = fdio_load(path, error);
    if (!bytes) return NULL;
    gsize size;
    const guint8 *data = g_bytes_get_data(bytes, &size);
    const Elf64_Ehdr *head = (const Elf64_Ehdr *)data;
    if (size < sizeof *head || memcmp(data, ELFMAG, SELFMAG) != 0 || data[EI_CLASS] != ELFCLASS64 ||
        head->e_phoff > size || head->e_phnum > (size - head->e_phoff) / sizeof(Elf64_Phdr)) {
        g_set_error(error, HARNESS_ERROR, HARNESS_ERROR_QEMU,
                    "%s is a script, or not a program for this host: the programs it starts may "
                    "change unnoticed",
                    path);
        return NULL;
    }
    for (guint i = 0; i < head->e_phnum; i++) {
        Elf64_Phdr segment;
        memcpy(&segment, data + head->e_phoff + i * sizeof segment, sizeof segment);
        if (segment.p_type == PT_INTERP && segment.p_offset <= size &&
            segment.p_filesz <= size - segment.p_offset)
            return g_strndup((const char *)data + segment.p_offset, segment.p_filesz);
    }
    return g_strdup("");
}

static gint compare_names(gconstpointer a, gconstpointer b) {
    return strcmp(*(const char *const *)a, *(const char *const *)b);
}

static void add_folder(const Identity *identity, const char *path) {
    g_autoptr(GDir) dir = g_dir_open(path, 0, NULL);
    g_autoptr(GPtrArray) names = g_ptr_array_new_with_free_func(g_free);
    for (const char *name; dir && (name = g_dir_read_name(dir));)
        g_ptr_array_add(names, g_build_filename(path, name, NULL));
    g_ptr_array_sort(names, compare_names);
    for (guint i = 0; i < names->len; i++)
        add_file(identity, names->pdata[i]);
}

/* QEMU loads parts of itself, such as an accelerator, from the folder qemu of its libraries: next
 * to those that it is linked with, or below its own prefix; see module_load() in QEMU's
 * util/module.c. */
static void add_modules(const Identity *identity, const char *path, const char *const *libraries) {
    const char *own = g_getenv("QEMU_MODULE_DIR");
    g_autoptr(GHashTable) folders = g_hash_table_new_full(g_str_hash, g_str_equal, g_free, NULL);
    g_autofree char *bin = g_path_get_dirname(path);
    if (own) add_folder(identity, own);
    g_hash_table_add(folders, g_build_filename(bin, "../lib/qemu", NULL));
    g_hash_table_add(folders, g_build_filename(bin, "../lib64/qemu", NULL));
    for (; *libraries; libraries++) {
        g_autofree char *folder = g_path_get_dirname(*libraries);
        if (**libraries == '/') g_hash_table_add(folders, g_build_filename(folder, "qemu", NULL));
    }
    GList *sorted = g_list_sort(g_hash_table_get_keys(folders), (GCompareFunc)strcmp);
    for (const GList *folder = sorted; folder; folder = folder->next)
        add_folder(identity, folder->data);
    g_list_free(sorted);
}

/* "libx.so => /lib/libx.so (0x7f...)": the loader's own list, including the effect of
 * LD_LIBRARY_PATH. */
static gboolean add_libraries(const Identity *identity, const char *path, GError **error) {
    g_autofree char *loader = find_loader(path, error);
    if (!loader || !*loader) return loader != NULL;
    const char *const argv[] = {loader, "--list", path, NULL};
    g_autofree char *list = output_of(argv, error);
    g_auto(GStrv) words = list ? g_strsplit_set(list, " \n", -1) : NULL;
    for (char **word = words; word && *word; word++)
        if (**word == '/') add_file(identity, *word);
    if (words) add_modules(identity, path, (const char *const *)words);
    return list != NULL;
}

/* The folders that QEMU looks for firmware in: qemu-system(1), -L. */
static gboolean add_firmware(const Identity *identity, const char *path, GError **error) {
    const char *const argv[] = {path, "-L", "help", NULL};
    g_autofree char *list = output_of(argv, error);
    g_auto(GStrv) folders = list ? g_strsplit(list, "\n", -1) : NULL;
    for (char **folder = folders; folder && *folder; folder++)
        if (**folder) add_folder(identity, *folder);
    return list != NULL;
}

static const char *find_identity(const char *program, gboolean has_firmware, HashMemo *memo,
                                 GError **error) {
    static GHashTable *known;
    if (!known) known = g_hash_table_new_full(g_str_hash, g_str_equal, g_free, g_free);
    const char *before = g_hash_table_lookup(known, program);
    if (before) return before;
    g_autofree char *found = g_find_program_in_path(program);
    const char *path = found ? found : program;
    g_autoptr(GString) all = g_string_new(NULL);
    const Identity identity = {all, memo};
    add_file(&identity, path);
    if (!add_libraries(&identity, path, error) ||
        (has_firmware && !add_firmware(&identity, path, error)))
        return NULL;
    char *text = g_strdup(all->str);
    g_hash_table_insert(known, g_strdup(program), text);
    return text;
}

const char *qemu_identity(const char *qemu, HashMemo *memo, GError **error) {
    return find_identity(qemu, TRUE, memo, error);
}

const char *qemu_identity_tool(const char *tool, HashMemo *memo, GError **error) {
    return find_identity(tool, FALSE, memo, error);
}
