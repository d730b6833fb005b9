#include "run/source_files.h"
#include "base/fdio.h"
#include "base/hash.h"
#include "base/text.h"
#include <string.h>

struct _SourceFiles {
    char *root;
    GHashTable *folders; /* path -> GPtrArray of char * */
    GHashTable *hashes;  /* path -> hash, or NULL */
};

SourceFiles *source_files_new(const char *root) {
    SourceFiles *files = g_new0(SourceFiles, 1);
    files->root = g_canonicalize_filename(root, NULL);
    files->folders =
        g_hash_table_new_full(g_str_hash, g_str_equal, g_free, (GDestroyNotify)g_ptr_array_unref);
    files->hashes = g_hash_table_new_full(g_str_hash, g_str_equal, g_free, g_free);
    return files;
}

void source_files_free(SourceFiles *files) {
    g_hash_table_unref(files->folders);
    g_hash_table_unref(files->hashes);
    g_free(files->root);
    g_free(files);
}

const char *source_files_below(const SourceFiles *files, const char *path) {
    gsize length = strlen(files->root);
    return strncmp(path, files->root, length) == 0 && path[length] == '/' ? path + length + 1
                                                                          : NULL;
}

static GPtrArray *list_folder(const SourceFiles *files, const char *folder) {
    GPtrArray *paths = g_ptr_array_new_with_free_func(g_free);
    g_autofree char *full = g_build_filename(files->root, folder, NULL);
    g_autoptr(GDir) dir = g_dir_open(full, 0, NULL);
    for (const char *name; dir && (name = g_dir_read_name(dir));) {
        g_autofree char *path = g_build_filename(full, name, NULL);
        if (g_file_test(path, G_FILE_TEST_IS_REGULAR) && !g_str_has_suffix(name, ".md"))
            g_ptr_array_add(paths, g_strdup(source_files_below(files, path)));
    }
    g_ptr_array_sort(paths, text_compare_names);
    return paths;
}

const GPtrArray *source_files_in(SourceFiles *files, const char *folder) {
    GPtrArray *paths = g_hash_table_lookup(files->folders, folder);
    if (paths) return paths;
    paths = list_folder(files, folder);
    g_hash_table_insert(files->folders, g_strdup(folder), paths);
    return paths;
}

const char *source_files_hash(SourceFiles *files, const char *path) {
    gpointer hash;
    if (g_hash_table_lookup_extended(files->hashes, path, NULL, &hash)) return hash;
    g_autofree char *full = g_build_filename(files->root, path, NULL);
    g_autoptr(GBytes) bytes = fdio_load(full, NULL);
    hash = bytes ? hash_bytes(bytes) : NULL;
    g_hash_table_insert(files->hashes, g_strdup(path), hash);
    return hash;
}
