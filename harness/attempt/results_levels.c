#include "attempt/results_levels.h"
#include "base/text.h"
#include <string.h>

/* Deeper levels are one. */
#define DEPTH_MAX 16
/* Missing results that are reported one by one, of all plans: each may announce any number. */
#define MISSING_MAX 1000
/* Names that are kept to be unique. The log has room for fewer results (event.h), and a guest may
 * print them without end. */
#define NAMES_MAX 200000

static void level_free(gpointer data) {
    Level *level = data;
    g_free(level->name);
    g_ptr_array_unref(level->held);
    g_free(level);
}

GPtrArray *results_levels(void) { return g_ptr_array_new_with_free_func(level_free); }

Level *results_push(Results *results, guint indent) {
    Level *level = g_new0(Level, 1);
    level->indent = indent;
    level->held = g_ptr_array_new_with_free_func(result_free);
    g_ptr_array_add(results->levels, level);
    return level;
}

Level *results_top(const Results *results) {
    return results->levels->pdata[results->levels->len - 1];
}

void results_drop_child(Results *results) {
    g_clear_pointer(&results->child_held, g_ptr_array_unref);
    results->closed_child = FALSE;
}

/* ---- Passing on ---- */

void results_mistake(Results *results, const char *format, ...) {
    va_list args;
    va_start(args, format);
    g_autofree char *text = g_strdup_vprintf(format, args);
    va_end(args);
    results->observer->mistake(results->data, text);
}

/* The path of the levels up to `depth`, or NULL while a name is unknown. */
static char *path_of(const Results *results, guint depth) {
    g_autoptr(GString) path = g_string_new(NULL);
    for (guint i = 1; i <= depth; i++) {
        const Level *level = results->levels->pdata[i];
        if (!level->name) return NULL;
        g_string_append_printf(path, "%s/", level->name);
    }
    return g_string_free(g_steal_pointer(&path), FALSE);
}

gboolean results_is_tap(const Results *results) {
    return results->format == RESULTS_TAP || results->format == RESULTS_KTAP;
}

/* Passes a result on under its full name, which it makes unique. */
static void pass_on(Results *results, const char *path, const Result *result) {
    g_autofree char *full = g_strconcat(path, result->name, NULL);
    if (g_hash_table_size(results->names) >= NAMES_MAX) {
        const Result late = {result->kind, full, result->detail, result->host_ns};
        results->observer->result(results->data, &late);
        return;
    }
    guint before = GPOINTER_TO_UINT(g_hash_table_lookup(results->names, full)), number = before;
    g_hash_table_insert(results->names, g_strdup(full), GUINT_TO_POINTER(before + 1));
    g_autofree char *unique = g_strdup(full);
    while (number > 0 && g_hash_table_contains(results->names, unique)) {
        g_free(unique);
        unique = g_strdup_printf("%s (%u)", full, ++number);
    }
    if (before > 0) g_hash_table_insert(results->names, g_strdup(unique), GUINT_TO_POINTER(1));
    if (before == 1) results_mistake(results, "the result of \"%s\" came twice", full);
    const Result whole = {result->kind, unique, result->detail, result->host_ns};
    results->observer->result(results->data, &whole);
}

static void prefix_name(Result *result, const char *level) {
    char *longer = g_strconcat(level, "/", result->name, NULL);
    g_free(result->name);
    result->name = longer;
}

/* Adds a result to the level `depth`: passed on if all names are known, else held. Takes it. */
static void add(Results *results, guint depth, Result *result) {
    g_autofree char *path = path_of(results, depth);
    if (!path) {
        /* At the deepest level without a name. */
        guint at = depth;
        while (((Level *)results->levels->pdata[at])->name) {
            const Level *level = results->levels->pdata[at--];
            prefix_name(result, level->name);
        }
        g_ptr_array_add(((Level *)results->levels->pdata[at])->held, result);
        return;
    }
    pass_on(results, path, result);
    result_free(result);
}

void results_add(Results *results, guint depth, ResultKind kind, const char *name,
                 const char *detail, gint64 host_ns) {
    char *kept = detail && *detail ? g_strdup(detail) : NULL;
    add(results, depth, result_new(kind, text_line(name), kept, host_ns));
}

/* ---- Levels ---- */

void results_name_level(Results *results, const char *name) {
    Level *level = results_top(results);
    if (level->name) return;
    level->name = text_line(*name ? name : RESULTS_UNNAMED);
    g_autoptr(GPtrArray) held = level->held;
    level->held = g_ptr_array_new_with_free_func(result_free);
    g_ptr_array_set_free_func(held, NULL);
    for (guint i = 0; i < held->len; i++)
        add(results, results->levels->len - 1, held->pdata[i]);
}

void results_judge_plan(Results *results, gboolean was_running) {
    Level *level = results_top(results);
    guint depth = results->levels->len - 1;
    guint64 first = level->count + 1;
    const char *where = level->name && *level->name ? level->name : "the tests";
    if (level->has_plan && level->count != level->plan)
        results_mistake(
            results, "%s: %" G_GUINT64_FORMAT " results were planned, %" G_GUINT64_FORMAT " came",
            where, level->plan, level->count);
    if (!level->has_plan || level->count >= level->plan || !results_is_tap(results)) return;
    for (guint64 i = first; i <= level->plan && results->missing < MISSING_MAX; i++) {
        g_autofree char *number = g_strdup_printf("%" G_GUINT64_FORMAT, i);
        gboolean ran = was_running && i == first;
        results->missing += !ran;
        results_add(results, depth, ran ? RESULT_FAIL : RESULT_MISSING, number,
                    ran ? "the output ended while it ran" : NULL, -1);
    }
}

void results_pop(Results *results, gboolean was_running) {
    Level *level = results_top(results);
    results_judge_plan(results, was_running);
    results_drop_child(results);
    results->closed_child = TRUE;
    results->child_failed = level->failed;
    results->child_count = level->count;
    results->child_held = g_steal_pointer(&level->held);
    level->held = g_ptr_array_new();
    g_ptr_array_remove_index(results->levels, results->levels->len - 1);
}

Level *results_go_to(Results *results, guint indent) {
    while (results->levels->len > 1 && results_top(results)->indent > indent)
        results_pop(results, FALSE);
    Level *level = results_top(results);
    if (indent <= level->indent || results->levels->len == DEPTH_MAX) return level;
    results_drop_child(results);
    return results_push(results, indent);
}

void results_adopt_child(Results *results, const char *name) {
    g_autoptr(GPtrArray) held = g_steal_pointer(&results->child_held);
    g_ptr_array_set_free_func(held, NULL);
    for (guint i = 0; i < held->len; i++) {
        Result *result = held->pdata[i];
        prefix_name(result, name);
        add(results, results->levels->len - 1, result);
    }
}
