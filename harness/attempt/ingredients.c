#include "attempt/ingredients.h"
#include "base/fdio.h"
#include <stdio.h>
#include <string.h>
#include <unistd.h>

/* Not a valid gate name: those begin with a letter or digit. */
#define FOLDER ".keys"

static const char *const suffixes[] = {"pass", "before", "fail", "covered"};

static char *path_of(const char *out_root, const char *label, const char *case_name,
                     IngredientsKind kind) {
    return g_strdup_printf("%s/" FOLDER "/%s/%s.%s", out_root, label, case_name, suffixes[kind]);
}

static gboolean is_content(const char *path, const char *text) {
    g_autofree char *kept = NULL;
    return g_file_get_contents(path, &kept, NULL, NULL) && strcmp(kept, text) == 0;
}

void ingredients_keep(const char *out_root, const char *label, const char *case_name,
                      gboolean passed, const char *text) {
    g_autofree char *pass = path_of(out_root, label, case_name, INGREDIENTS_PASS);
    g_autofree char *before = path_of(out_root, label, case_name, INGREDIENTS_BEFORE);
    g_autofree char *fail = path_of(out_root, label, case_name, INGREDIENTS_FAIL);
    if (passed) unlink(fail);
    if (is_content(passed ? pass : fail, text)) return;
    g_autofree char *folder = g_path_get_dirname(pass);
    if (!fdio_check_links(out_root, folder, NULL) || g_mkdir_with_parents(folder, 0777) != 0)
        return;
    if (passed) (void)!rename(pass, before);
    g_file_set_contents(passed ? pass : fail, text, -1, NULL);
}

void ingredients_keep_covered(const char *out_root, const char *label, const char *case_name,
                              const char *text) {
    g_autofree char *path = path_of(out_root, label, case_name, INGREDIENTS_COVERED);
    g_autofree char *folder = g_path_get_dirname(path);
    if (!text) {
        unlink(path);
        return;
    }
    if (fdio_check_links(out_root, folder, NULL) && g_mkdir_with_parents(folder, 0777) == 0)
        g_file_set_contents(path, text, -1, NULL);
}

/* ---- Reading ---- */

static void ingredient_free(gpointer data) {
    Ingredient *ingredient = data;
    g_free(ingredient->name);
    g_free(ingredient->value);
    g_free(ingredient);
}

static void add(GPtrArray *all, char *name, char *value) {
    Ingredient *ingredient = g_new(Ingredient, 1);
    *ingredient = (Ingredient){name, value};
    g_ptr_array_add(all, ingredient);
}

/* A hash follows the path that it is of, which names it: "input 2:/a" and "sha256 64:...". */
static void take(GPtrArray *all, char **path, const char *name, const char *value) {
    if (strcmp(name, "input") == 0 || strcmp(name, "expect") == 0 ||
        strcmp(name, "counterpart") == 0) {
        g_free(*path);
        *path = g_strdup_printf("%s %s", name, value);
    } else if (strcmp(name, "sha256") == 0 && *path) {
        add(all, g_steal_pointer(path), g_strdup(value));
    } else {
        add(all, g_strdup(name), g_strdup(value));
    }
}

GPtrArray *ingredients_parse(const char *text, gsize length) {
    GPtrArray *all = g_ptr_array_new_with_free_func(ingredient_free);
    g_autofree char *path = NULL;
    for (gsize at = 0; at < length;) {
        const char *line = text + at;
        const char *newline = memchr(line, '\n', length - at);
        gsize size = newline ? (gsize)(newline - line) : length - at;
        const char *blank = memchr(line, ' ', size);
        at += size + 1;
        if (!blank) continue;
        g_autofree char *name = g_strndup(line, (gsize)(blank - line));
        g_autofree char *rest = g_strndup(blank + 1, size - (gsize)(blank + 1 - line));
        char *end;
        guint64 bytes = g_ascii_strtoull(rest, &end, 10);
        if (end == rest || *end != ':') {
            take(all, &path, name, rest);
            continue;
        }
        /* A text may have newlines. */
        gsize begin = (gsize)(blank + 1 - text) + (gsize)(end + 1 - rest);
        if (bytes > length - begin) break;
        g_autofree char *value = g_strndup(text + begin, bytes);
        at = begin + bytes + 1;
        take(all, &path, name, value);
    }
    return all;
}

GPtrArray *ingredients_load(const char *out_root, const char *label, const char *case_name,
                            IngredientsKind kind) {
    g_autofree char *path = path_of(out_root, label, case_name, kind);
    g_autofree char *text = NULL;
    gsize length;
    return g_file_get_contents(path, &text, &length, NULL) ? ingredients_parse(text, length) : NULL;
}

const char *ingredients_find(const GPtrArray *ingredients, const char *name) {
    for (guint i = 0; i < ingredients->len; i++) {
        const Ingredient *ingredient = ingredients->pdata[i];
        if (strcmp(ingredient->name, name) == 0) return ingredient->value;
    }
    return NULL;
}
