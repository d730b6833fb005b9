#include "gate/project_files.h"
#include <stdlib.h>
#include <string.h>
#include <sys/stat.h>

#define PLACES 4

struct _ProjectFiles {
    char *places[PLACES]; /* real paths, or NULL */
    GHashTable *folders;  /* path -> whether it is in one of the places: a tree has many files in
                             few folders */
};

ProjectFiles *project_files_new(const char *root, const char *out_root) {
    ProjectFiles *files = g_new0(ProjectFiles, 1);
    g_autofree char *fixtures = g_build_filename(root, "fixtures", NULL);
    g_autofree char *build = g_build_filename(root, "build", NULL);
    const char *const places[PLACES] = {root, fixtures, build, out_root};
    for (guint i = 0; i < PLACES; i++)
        files->places[i] = places[i] ? realpath(places[i], NULL) : NULL;
    files->folders = g_hash_table_new_full(g_str_hash, g_str_equal, g_free, NULL);
    return files;
}

void project_files_free(ProjectFiles *files) {
    for (guint i = 0; i < PLACES; i++)
        free(files->places[i]);
    g_hash_table_unref(files->folders);
    g_free(files);
}

static gboolean is_inside(const ProjectFiles *files, const char *path) {
    char *real = realpath(path, NULL);
    gboolean inside = !real;
    for (guint i = 0; real && i < PLACES; i++) {
        const char *place = files->places[i];
        gsize length = place ? strlen(place) : 0;
        inside |= place && strncmp(real, place, length) == 0 &&
                  (length == 1 || real[length] == '/' || !real[length]);
    }
    free(real);
    return inside;
}

gboolean project_files_has(ProjectFiles *files, const char *path) {
    struct stat status;
    if (lstat(path, &status) != 0 || S_ISLNK(status.st_mode)) return is_inside(files, path);
    g_autofree char *folder = g_path_get_dirname(path);
    gpointer known;
    if (g_hash_table_lookup_extended(files->folders, folder, NULL, &known))
        return GPOINTER_TO_INT(known);
    gboolean inside = is_inside(files, folder);
    g_hash_table_insert(files->folders, g_steal_pointer(&folder), GINT_TO_POINTER(inside));
    return inside;
}
