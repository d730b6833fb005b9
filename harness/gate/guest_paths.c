#include "gate/guest_paths.h"
#include <string.h>

struct _GuestPaths {
    GHashTable *files;   /* path -> owner */
    GHashTable *folders; /* path -> owner of the first file below it */
};

GuestPaths *guest_paths_new(void) {
    GuestPaths *paths = g_new0(GuestPaths, 1);
    paths->files = g_hash_table_new_full(g_str_hash, g_str_equal, g_free, NULL);
    paths->folders = g_hash_table_new_full(g_str_hash, g_str_equal, g_free, NULL);
    return paths;
}

void guest_paths_free(GuestPaths *paths) {
    g_hash_table_unref(paths->files);
    g_hash_table_unref(paths->folders);
    g_free(paths);
}

/* The owner is NULL if the caller does not need it. */
static gboolean find(GHashTable *table, const char *path, gconstpointer *ret_owner) {
    gpointer owner;
    gboolean found = g_hash_table_lookup_extended(table, path, NULL, &owner);
    if (found) *ret_owner = owner;
    return found;
}

char *guest_paths_add(GuestPaths *paths, const char *path, gconstpointer owner,
                      gconstpointer *ret_other) {
    if (find(paths->files, path, ret_other)) return g_strdup("is already in use");
    if (find(paths->folders, path, ret_other)) return g_strdup("is already a folder with files");
    for (const char *slash = path; (slash = strchr(slash + 1, '/'));) {
        g_autofree char *folder = g_strndup(path, (gsize)(slash - path));
        if (find(paths->files, folder, ret_other))
            return g_strdup_printf("lies below %s, which is a file", folder);
        if (!g_hash_table_contains(paths->folders, folder))
            g_hash_table_insert(paths->folders, g_steal_pointer(&folder), (gpointer)owner);
    }
    g_hash_table_insert(paths->files, g_strdup(path), (gpointer)owner);
    return NULL;
}
