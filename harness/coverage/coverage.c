#include "coverage/coverage.h"
#include <string.h>

#define WORD_BITS 64

/* ---- Sets of cases ---- */

static CoverageCases *new_cases(const Coverage *coverage) {
    return g_new0(CoverageCases, coverage->words);
}

void coverage_cases_add(CoverageCases *cases, guint index) {
    cases[index / WORD_BITS] |= G_GUINT64_CONSTANT(1) << index % WORD_BITS;
}

gboolean coverage_cases_has(const CoverageCases *cases, guint index) {
    return cases[index / WORD_BITS] >> index % WORD_BITS & 1;
}

gboolean coverage_has_run(const CoverageFile *file, guint index) {
    for (guint i = 0; i < file->lines->len; i++)
        if (coverage_cases_has(((CoverageLine *)file->lines->pdata[i])->cases, index)) return TRUE;
    for (guint i = 0; i < file->functions->len; i++)
        if (coverage_cases_has(((CoverageFunction *)file->functions->pdata[i])->cases, index))
            return TRUE;
    return FALSE;
}

guint coverage_cases_count(const Coverage *coverage, const CoverageCases *cases) {
    guint count = 0;
    for (guint i = 0; i < coverage->words; i++)
        count += (guint)__builtin_popcountll(cases[i]);
    return count;
}

/* ---- Parts ---- */

static void line_free(gpointer data) {
    CoverageLine *line = data;
    g_clear_pointer(&line->branches, g_ptr_array_unref);
    g_free(line->cases);
    g_free(line);
}

static void function_free(gpointer data) {
    CoverageFunction *function = data;
    g_free(function->name);
    g_free(function->cases);
    g_free(function);
}

static void file_free(gpointer data) {
    CoverageFile *file = data;
    g_free(file->path);
    g_free(file->text);
    g_ptr_array_unref(file->lines);
    g_ptr_array_unref(file->functions);
    g_hash_table_unref(file->by_number);
    g_hash_table_unref(file->by_name);
    g_free(file);
}

Coverage *coverage_new(const char *root, const char *const *cases) {
    Coverage *coverage = g_new0(Coverage, 1);
    coverage->root = g_canonicalize_filename(root, NULL);
    coverage->cases = g_ptr_array_new_with_free_func(g_free);
    for (const char *const *id = cases; *id; id++)
        g_ptr_array_add(coverage->cases, g_strdup(*id));
    coverage->words = coverage->cases->len / WORD_BITS + 1;
    coverage->files = g_ptr_array_new_with_free_func(file_free);
    coverage->by_path = g_hash_table_new(g_str_hash, g_str_equal);
    return coverage;
}

void coverage_free(Coverage *coverage) {
    g_hash_table_unref(coverage->by_path);
    g_ptr_array_unref(coverage->files);
    g_ptr_array_unref(coverage->cases);
    g_free(coverage->root);
    g_free(coverage);
}

CoverageFile *coverage_file(Coverage *coverage, const char *path) {
    CoverageFile *file = g_hash_table_lookup(coverage->by_path, path);
    if (file) return file;
    file = g_new0(CoverageFile, 1);
    file->path = g_strdup(path);
    file->lines = g_ptr_array_new_with_free_func(line_free);
    file->functions = g_ptr_array_new_with_free_func(function_free);
    file->by_number = g_hash_table_new(NULL, NULL);
    file->by_name = g_hash_table_new_full(g_str_hash, g_str_equal, g_free, NULL);
    g_ptr_array_add(coverage->files, file);
    g_hash_table_insert(coverage->by_path, file->path, file);
    return file;
}

CoverageLine *coverage_line(const Coverage *coverage, CoverageFile *file, guint number) {
    CoverageLine *line = g_hash_table_lookup(file->by_number, GUINT_TO_POINTER(number));
    if (line) return line;
    line = g_new0(CoverageLine, 1);
    line->file = file;
    line->number = number;
    line->cases = new_cases(coverage);
    g_ptr_array_add(file->lines, line);
    g_hash_table_insert(file->by_number, GUINT_TO_POINTER(number), line);
    return line;
}

CoverageFunction *coverage_function(const Coverage *coverage, CoverageFile *file, guint line,
                                    const char *name) {
    g_autofree char *key = g_strdup_printf("%u %s", line, name);
    CoverageFunction *function = g_hash_table_lookup(file->by_name, key);
    if (function) return function;
    function = g_new0(CoverageFunction, 1);
    function->name = g_strdup(name);
    function->line = line;
    function->cases = new_cases(coverage);
    g_ptr_array_add(file->functions, function);
    g_hash_table_insert(file->by_name, g_steal_pointer(&key), function);
    return function;
}

CoverageBranch *coverage_branch(CoverageLine *line, guint index) {
    if (!line->branches) line->branches = g_ptr_array_new_with_free_func(g_free);
    while (line->branches->len <= index)
        g_ptr_array_add(line->branches, g_new0(CoverageBranch, 1));
    return line->branches->pdata[index];
}

/* ---- Order ---- */

static gint compare_lines(gconstpointer a, gconstpointer b) {
    const CoverageLine *x = *(CoverageLine *const *)a, *y = *(CoverageLine *const *)b;
    return (x->number > y->number) - (x->number < y->number);
}

static gint compare_functions(gconstpointer a, gconstpointer b) {
    const CoverageFunction *x = *(CoverageFunction *const *)a, *y = *(CoverageFunction *const *)b;
    return x->line != y->line ? (x->line > y->line) - (x->line < y->line)
                              : strcmp(x->name, y->name);
}

static gint compare_files(gconstpointer a, gconstpointer b) {
    const CoverageFile *x = *(CoverageFile *const *)a, *y = *(CoverageFile *const *)b;
    g_autofree char *x_folder = g_path_get_dirname(x->path);
    g_autofree char *y_folder = g_path_get_dirname(y->path);
    gint by_folder = strcmp(x_folder, y_folder);
    return by_folder ? by_folder : strcmp(x->path, y->path);
}

void coverage_sort(Coverage *coverage) {
    g_ptr_array_sort(coverage->files, compare_files);
    for (guint i = 0; i < coverage->files->len; i++) {
        CoverageFile *file = coverage->files->pdata[i];
        g_ptr_array_sort(file->lines, compare_lines);
        g_ptr_array_sort(file->functions, compare_functions);
    }
}

/* ---- Totals ---- */

const char *coverage_shown_path(const Coverage *coverage, const CoverageFile *file) {
    gsize length = strlen(coverage->root);
    gboolean is_below =
        strncmp(file->path, coverage->root, length) == 0 && file->path[length] == '/';
    return is_below ? file->path + length + 1 : file->path;
}

char *coverage_text_path(const CoverageFile *file, const char *folder) {
    g_autofree char *path =
        file->text ? g_build_filename(folder, "functions", file->path, NULL) : NULL;
    return path ? g_canonicalize_filename(path, NULL) : g_strdup(file->path);
}

static guint is_hit(const Coverage *coverage, const CoverageCases *cases) {
    return coverage_cases_count(coverage, cases) > 0;
}

void coverage_add_totals(const Coverage *coverage, const CoverageFile *file,
                         CoverageTotals *totals) {
    for (guint i = 0; i < file->lines->len; i++) {
        const CoverageLine *line = file->lines->pdata[i];
        totals->lines++;
        totals->lines_hit += is_hit(coverage, line->cases);
        for (guint k = 0; line->branches && k < line->branches->len; k++) {
            const CoverageBranch *branch = line->branches->pdata[k];
            totals->sides += 2;
            totals->sides_hit += (guint)branch->taken + (guint)branch->passed;
        }
    }
    for (guint i = 0; i < file->functions->len; i++) {
        const CoverageFunction *function = file->functions->pdata[i];
        totals->functions++;
        totals->functions_hit += is_hit(coverage, function->cases);
    }
}

CoverageTotals coverage_totals(const Coverage *coverage) {
    CoverageTotals totals = {0};
    for (guint i = 0; i < coverage->files->len; i++)
        coverage_add_totals(coverage, coverage->files->pdata[i], &totals);
    return totals;
}
