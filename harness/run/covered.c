#include "run/covered.h"
#include "attempt/ingredients.h"
#include "base/file_stamp.h"
#include "base/text.h"
#include <stdlib.h>
#include <string.h>
#include <sys/stat.h>

#define PROGRAM  "program"
#define PRODUCER "producer"
#define RAN      "ran"
/* The name of the hash of a file. */
#define SOURCE "input"

struct _Covered {
    GString *programs;   /* lines of the text */
    GHashTable *folders; /* of the sources, below the root */
};

Covered *covered_new(void) {
    Covered *covered = g_new0(Covered, 1);
    covered->programs = g_string_new(NULL);
    covered->folders = g_hash_table_new_full(g_str_hash, g_str_equal, g_free, NULL);
    return covered;
}

void covered_free(Covered *covered) {
    g_string_free(covered->programs, TRUE);
    g_hash_table_unref(covered->folders);
    g_free(covered);
}

/* ---- Writing ---- */

static void add_text(GString *out, const char *name, const char *text) {
    g_string_append_printf(out, "%s %" G_GSIZE_FORMAT ":%s\n", name, strlen(text), text);
}

static gboolean is_newer(const char *path, gint64 modified_ns) {
    struct stat status;
    return stat(path, &status) == 0 && file_stamp(&status).modified_ns > modified_ns;
}

static char *folder_of(const char *below) {
    g_autofree char *folder = g_path_get_dirname(below);
    return strcmp(folder, ".") == 0 ? g_strdup("") : g_steal_pointer(&folder);
}

void covered_add_program(Covered *covered, SourceFiles *files, const char *hash, gint64 modified_ns,
                         const Sources *sources) {
    GHashTableIter iter;
    gpointer path;
    g_hash_table_iter_init(&iter, sources->files);
    while (g_hash_table_iter_next(&iter, &path, NULL))
        if (is_newer(path, modified_ns)) return;
    g_hash_table_iter_init(&iter, sources->files);
    while (g_hash_table_iter_next(&iter, &path, NULL)) {
        const char *below = source_files_below(files, path);
        if (below && source_files_hash(files, below))
            g_hash_table_add(covered->folders, folder_of(below));
    }
    add_text(covered->programs, PROGRAM, hash);
    add_text(covered->programs, PRODUCER, sources->producer);
}

static void add_folder(GString *out, SourceFiles *files, const char *folder) {
    const GPtrArray *paths = source_files_in(files, folder);
    for (guint i = 0; i < paths->len; i++) {
        const char *hash = source_files_hash(files, paths->pdata[i]);
        add_text(out, SOURCE, paths->pdata[i]);
        add_text(out, "sha256", hash ? hash : "none");
    }
}

char *covered_text(const Covered *covered, SourceFiles *files, const Coverage *coverage,
                   guint index) {
    g_autoptr(GString) out = g_string_new("harness-covered 1\n");
    guint count;
    g_autofree gpointer *folders = g_hash_table_get_keys_as_array(covered->folders, &count);
    qsort(folders, count, sizeof *folders, text_compare_names);
    g_string_append(out, covered->programs->str);
    for (guint i = 0; i < count; i++)
        add_folder(out, files, folders[i]);
    for (guint i = 0; i < coverage->files->len; i++) {
        const CoverageFile *file = coverage->files->pdata[i];
        const char *below = file->text ? NULL : source_files_below(files, file->path);
        if (below && coverage_has_run(file, index)) add_text(out, RAN, below);
    }
    return g_string_free(g_steal_pointer(&out), FALSE);
}

/* ---- Judging ---- */

static gboolean has(const GPtrArray *ingredients, const char *name, const char *value) {
    for (guint i = 0; i < ingredients->len; i++) {
        const Ingredient *ingredient = ingredients->pdata[i];
        if (strcmp(ingredient->name, name) == 0 && strcmp(ingredient->value, value) == 0)
            return TRUE;
    }
    return FALSE;
}

/* The folders, below the root, of the program's sources. */
static GHashTable *folders_of(SourceFiles *files, const CoveredProgram *program) {
    GHashTable *folders = g_hash_table_new_full(g_str_hash, g_str_equal, g_free, NULL);
    GHashTableIter iter;
    gpointer path;
    g_hash_table_iter_init(&iter, program->sources->files);
    while (g_hash_table_iter_next(&iter, &path, NULL)) {
        const char *below = source_files_below(files, path);
        if (below && source_files_hash(files, below)) g_hash_table_add(folders, folder_of(below));
    }
    return folders;
}

/* Adds what is not as it was in the folders of the program's sources, also what was not there. */
static void add_differences(const GPtrArray *ingredients, SourceFiles *files,
                            const CoveredProgram *program, GHashTable *into) {
    g_autoptr(GHashTable) known = g_hash_table_new(g_str_hash, g_str_equal);
    g_autoptr(GHashTable) folders = folders_of(files, program);
    for (guint i = 0; i < ingredients->len; i++) {
        const Ingredient *ingredient = ingredients->pdata[i];
        if (!g_str_has_prefix(ingredient->name, SOURCE " ")) continue;
        const char *path = ingredient->name + strlen(SOURCE " ");
        g_autofree char *folder = folder_of(path);
        g_hash_table_add(known, (gpointer)path);
        if (g_hash_table_contains(folders, folder) &&
            g_strcmp0(source_files_hash(files, path), ingredient->value) != 0)
            g_hash_table_add(into, g_strdup(path));
    }
    GHashTableIter iter;
    gpointer folder;
    g_hash_table_iter_init(&iter, folders);
    while (g_hash_table_iter_next(&iter, &folder, NULL)) {
        const GPtrArray *paths = source_files_in(files, folder);
        for (guint i = 0; i < paths->len; i++)
            if (!g_hash_table_contains(known, paths->pdata[i]))
                g_hash_table_add(into, g_strdup(paths->pdata[i]));
    }
}

/* Adds those of the changed files that the program is made of; one elsewhere keeps its path. */
static void add_changed(SourceFiles *files, const CoveredProgram *program, GHashTable *changed,
                        GHashTable *into) {
    GHashTableIter iter;
    gpointer path;
    g_hash_table_iter_init(&iter, changed);
    while (g_hash_table_iter_next(&iter, &path, NULL)) {
        const char *below = source_files_below(files, path);
        if (g_hash_table_contains(program->sources->files, path))
            g_hash_table_add(into, g_strdup(below ? below : path));
    }
}

static gboolean only_code(SourceFiles *files, const CoveredProgram *program, const char *below) {
    GHashTableIter iter;
    gpointer path, is_code;
    g_hash_table_iter_init(&iter, program->sources->files);
    while (g_hash_table_iter_next(&iter, &path, &is_code))
        if (g_strcmp0(source_files_below(files, path), below) == 0) return GPOINTER_TO_INT(is_code);
    return FALSE;
}

char *covered_judge(const GPtrArray *ingredients, SourceFiles *files, const CoveredProgram *program,
                    GHashTable *changed) {
    g_autoptr(GHashTable) differ = g_hash_table_new_full(g_str_hash, g_str_equal, g_free, NULL);
    if (!has(ingredients, PROGRAM, program->hash)) {
        /* The program is another one by now: the differences of its sources must say why. */
        if (!has(ingredients, PRODUCER, program->sources->producer))
            return g_strdup("its coverage is of a program made by another compiler, or unknown");
        add_differences(ingredients, files, program, differ);
        if (g_hash_table_size(differ) == 0)
            return g_strdup("its coverage is of another program, and no source tells why");
    }
    add_changed(files, program, changed, differ);
    GHashTableIter iter;
    gpointer path;
    g_hash_table_iter_init(&iter, differ);
    while (g_hash_table_iter_next(&iter, &path, NULL)) {
        if (has(ingredients, RAN, path)) return g_strdup_printf("it ran %s", (char *)path);
        if (!only_code(files, program, path))
            return g_strdup_printf("its programs may take more than code from %s", (char *)path);
    }
    return NULL;
}
