#include "coverage/write.h"
#include <string.h>

/* lcov takes letters, digits and underscores in names of tests. */
static void append_test(GString *out, const char *id) {
    g_string_append(out, "TN:");
    for (const char *at = id; *at; at++)
        g_string_append_c(out, g_ascii_isalnum(*at) ? *at : '_');
    g_string_append_c(out, '\n');
}

static guint has(const CoverageCases *cases, gint index) {
    return index >= 0 && coverage_cases_has(cases, (guint)index);
}

/* The name of a function, once in the file and without commas, which separate fields. */
static char *name_of(const CoverageFile *file, guint index) {
    const CoverageFunction *function = file->functions->pdata[index];
    gboolean is_second = FALSE;
    for (guint i = 0; i < index; i++)
        is_second |=
            strcmp(((CoverageFunction *)file->functions->pdata[i])->name, function->name) == 0;
    char *name = is_second ? g_strdup_printf("%s@%u", function->name, function->line)
                           : g_strdup(function->name);
    return g_strdelimit(name, ",\n", ';');
}

static void append_functions(GString *out, const CoverageFile *file, GStrv names, gint index) {
    for (guint i = 0; i < file->functions->len; i++)
        g_string_append_printf(out, "FN:%u,%s\n",
                               ((CoverageFunction *)file->functions->pdata[i])->line, names[i]);
    for (guint i = 0; i < file->functions->len; i++)
        g_string_append_printf(out, "FNDA:%u,%s\n",
                               has(((CoverageFunction *)file->functions->pdata[i])->cases, index),
                               names[i]);
}

static void append_branches(GString *out, const CoverageLine *line, gint index) {
    for (guint i = 0; line->branches && i < line->branches->len; i++) {
        const CoverageBranch *branch = line->branches->pdata[i];
        guint taken = has(branch->taken, index), passed = has(branch->passed, index);
        if (taken || passed)
            g_string_append_printf(out, "BRDA:%u,%u,0,%u\nBRDA:%u,%u,1,%u\n", line->number, i,
                                   taken, line->number, i, passed);
        else
            g_string_append_printf(out, "BRDA:%u,%u,0,-\nBRDA:%u,%u,1,-\n", line->number, i,
                                   line->number, i);
    }
}

/* The section of a case (-1: of none) and a file. */
static void append_section(const Coverage *coverage, const CoverageFile *file, GStrv names,
                           gint index, const CoverageTotals *totals, const char *folder,
                           GString *out) {
    g_autofree char *path = coverage_text_path(file, folder);
    append_test(out, index < 0 ? "" : coverage->cases->pdata[index]);
    g_string_append_printf(out, "SF:%s\n", path);
    append_functions(out, file, names, index);
    g_string_append_printf(out, "FNF:%u\nFNH:%u\n", totals->functions, totals->functions_hit);
    for (guint i = 0; i < file->lines->len; i++)
        append_branches(out, file->lines->pdata[i], index);
    if (totals->sides)
        g_string_append_printf(out, "BRF:%u\nBRH:%u\n", totals->sides, totals->sides_hit);
    for (guint i = 0; i < file->lines->len; i++) {
        const CoverageLine *line = file->lines->pdata[i];
        g_string_append_printf(out, "DA:%u,%u\n", line->number, has(line->cases, index));
    }
    g_string_append_printf(out, "LF:%u\nLH:%u\nend_of_record\n", totals->lines, totals->lines_hit);
}

static GStrv names_of(const CoverageFile *file) {
    GStrv names = g_new0(char *, file->functions->len + 1);
    for (guint i = 0; i < file->functions->len; i++)
        names[i] = name_of(file, i);
    return names;
}

static void append_file(const Coverage *coverage, const CoverageFile *file, const char *folder,
                        GString *out) {
    g_auto(GStrv) names = names_of(file);
    gboolean was_run = FALSE;
    for (guint index = 0; index < coverage->cases->len; index++) {
        CoverageTotals totals = {0};
        coverage_add_totals(coverage, file, (gint)index, &totals);
        if (totals.lines_hit == 0 && totals.functions_hit == 0) continue;
        append_section(coverage, file, names, (gint)index, &totals, folder, out);
        was_run = TRUE;
    }
    if (was_run) return;
    CoverageTotals totals = {0};
    coverage_add_totals(coverage, file, -1, &totals);
    append_section(coverage, file, names, -1, &totals, folder, out);
}

void coverage_lcov(const Coverage *coverage, const char *folder, GString *out) {
    for (guint i = 0; i < coverage->files->len; i++)
        append_file(coverage, coverage->files->pdata[i], folder, out);
}
