#include "gate/selection.h"
#include "base/diag.h"
#include "base/error.h"
#include "gate/driver.h"
#include <string.h>

/* More alternatives than anybody would write. */
#define ALTERNATIVES_MAX 1000

static gboolean refuse(GError **error, const char *pattern, const char *why) {
    g_set_error(error, HARNESS_ERROR, HARNESS_ERROR_USAGE, "--filter %s: %s", pattern, why);
    return FALSE;
}

/* The end of the group that opens at `open`, or NULL; adds its commas to `commas`. */
static const char *find_close(const char *open, GPtrArray *commas) {
    guint depth = 0;
    for (const char *at = open; *at; at++) {
        depth += *at == '{';
        if (*at == ',' && depth == 1) g_ptr_array_add(commas, (gpointer)at);
        if (*at == '}' && --depth == 0) return at;
    }
    return NULL;
}

/* Adds the globs that `text` expands to; `pattern` is the user's argument. */
static gboolean expand(const char *pattern, const char *text, GPtrArray *globs, GError **error) {
    const char *open = strpbrk(text, "{}");
    if (!open) {
        g_ptr_array_add(globs, g_strdup(text));
        return globs->len <= ALTERNATIVES_MAX || refuse(error, pattern, "too many alternatives");
    }
    g_autoptr(GPtrArray) ends = g_ptr_array_new();
    const char *close = *open == '{' ? find_close(open, ends) : NULL;
    if (!close) return refuse(error, pattern, "unmatched { or }");
    g_ptr_array_add(ends, (gpointer)close);
    const char *begin = open + 1;
    for (guint i = 0; i < ends->len; i++) {
        const char *end = ends->pdata[i];
        g_autofree char *one = g_strdup_printf("%.*s%.*s%s", (int)(open - text), text,
                                               (int)(end - begin), begin, close + 1);
        if (!expand(pattern, one, globs, error)) return FALSE;
        begin = end + 1;
    }
    return TRUE;
}

GPtrArray *selection_expand(const char *pattern, GError **error) {
    g_autoptr(GPtrArray) globs = g_ptr_array_new_with_free_func(g_free);
    return expand(pattern, pattern + (*pattern == '!'), globs, error) ? g_steal_pointer(&globs)
                                                                      : NULL;
}

gboolean selection_matches(const char *glob, const char *name) {
    g_autoptr(GPatternSpec) spec = g_pattern_spec_new(glob);
    return g_pattern_spec_match_string(spec, name);
}

gboolean selection_names(const char *glob, const char *id, const char *subtest) {
    if (selection_matches(glob, subtest)) return TRUE;
    g_autofree char *whole = g_strconcat(id, "/", subtest, NULL);
    return selection_matches(glob, whole);
}

char *selection_suggest(const char *glob, const char *const *names) {
    const char *near = diag_nearest(glob, names);
    return near ? g_strdup_printf("; did you mean \"%s\"?", near) : g_strdup("");
}

static gboolean no_match(GError **error, const char *pattern, const char *glob,
                         const char *const *names, gsize count, const gboolean *candidates) {
    g_autoptr(GPtrArray) known = g_ptr_array_new();
    for (gsize i = 0; i < count && !strpbrk(glob, "*?"); i++)
        if (candidates[i]) g_ptr_array_add(known, (gpointer)names[i]);
    g_ptr_array_add(known, NULL);
    g_autofree char *near = selection_suggest(glob, (const char *const *)known->pdata);
    g_set_error(error, HARNESS_ERROR, HARNESS_ERROR_USAGE,
                "--filter %s: matches no case%s%s; harness list shows all", pattern,
                driver_hint(pattern), near);
    return FALSE;
}

static gboolean apply_glob(const char *pattern, const char *glob, const char *const *names,
                           gsize count, const gboolean *candidates, gboolean *marks,
                           GError **error) {
    gboolean matched = FALSE;
    GPatternSpec *spec = g_pattern_spec_new(glob);
    for (gsize i = 0; i < count; i++) {
        if (!candidates[i] || !g_pattern_spec_match_string(spec, names[i])) continue;
        marks[i] = matched = TRUE;
    }
    g_pattern_spec_free(spec);
    return matched || no_match(error, pattern, glob, names, count, candidates);
}

static gboolean apply_pattern(const char *pattern, const char *const *names, gsize count,
                              const gboolean *candidates, gboolean *marks, GError **error) {
    g_autoptr(GPtrArray) globs = selection_expand(pattern, error);
    if (!globs) return FALSE;
    for (guint i = 0; i < globs->len; i++)
        if (!apply_glob(pattern, globs->pdata[i], names, count, candidates, marks, error))
            return FALSE;
    return TRUE;
}

gboolean selection_apply(const char *const *patterns, const char *const *names, gsize count,
                         const gboolean *candidates, gboolean *selected, GError **error) {
    g_autofree gboolean *wanted = g_new0(gboolean, count);
    g_autofree gboolean *unwanted = g_new0(gboolean, count);
    gboolean adds = FALSE;
    for (const char *const *pattern = patterns; *pattern; pattern++) {
        gboolean excludes = **pattern == '!';
        adds |= !excludes;
        if (!apply_pattern(*pattern, names, count, candidates, excludes ? unwanted : wanted, error))
            return FALSE;
    }
    for (gsize i = 0; i < count; i++)
        selected[i] = (adds ? wanted[i] : selected[i] && candidates[i]) && !unwanted[i];
    return TRUE;
}
