#include "base/markup.h"
#include "coverage/write.h"
#include <string.h>

static void append_attribute(GString *out, const char *name, const char *value) {
    g_string_append_printf(out, " %s=\"", name);
    markup_line(out, value);
    g_string_append_c(out, '"');
}

/* A rate from 0 to 1; of nothing 1. */
static void append_rate(GString *out, const char *name, guint hit, guint all) {
    char text[G_ASCII_DTOSTR_BUF_SIZE];
    g_ascii_formatd(text, sizeof text, "%.4f", all ? (double)hit / all : 1.0);
    append_attribute(out, name, text);
}

static void append_rates(GString *out, const CoverageTotals *totals) {
    append_rate(out, "line-rate", totals->lines_hit, totals->lines);
    append_rate(out, "branch-rate", totals->sides_hit, totals->sides);
}

/* The sides of the line's branches that have run, and all. */
static guint count_sides(const CoverageLine *line, guint *ret_all) {
    guint hit = *ret_all = 0;
    for (guint i = 0; line->branches && i < line->branches->len; i++) {
        const CoverageBranch *branch = line->branches->pdata[i];
        hit += (guint)branch->taken + (guint)branch->passed;
        *ret_all += 2;
    }
    return hit;
}

static void append_line(const Coverage *coverage, const CoverageLine *line, GString *out) {
    guint all, hit = count_sides(line, &all);
    g_string_append_printf(out, "<line number=\"%u\" hits=\"%u\" branch=\"%s\"", line->number,
                           coverage_cases_count(coverage, line->cases), all ? "true" : "false");
    if (all)
        g_string_append_printf(out, " condition-coverage=\"%u%% (%u/%u)\"", 100 * hit / all, hit,
                               all);
    g_string_append(out, "/>\n");
}

static void append_method(const Coverage *coverage, const CoverageFunction *function,
                          GString *out) {
    guint hits = coverage_cases_count(coverage, function->cases);
    g_string_append(out, "<method");
    append_attribute(out, "name", function->name);
    append_attribute(out, "signature", "");
    append_rate(out, "line-rate", hits > 0, 1);
    append_rate(out, "branch-rate", hits > 0, 1);
    g_string_append_printf(
        out, " complexity=\"0\"><lines><line number=\"%u\" hits=\"%u\"/></lines></method>\n",
        function->line, hits);
}

static void append_class(const Coverage *coverage, const CoverageFile *file, const char *path,
                         GString *out) {
    g_autofree char *name = g_path_get_basename(path);
    CoverageTotals totals = {0};
    coverage_add_totals(coverage, file, &totals);
    g_string_append(out, "<class");
    append_attribute(out, "name", name);
    append_attribute(out, "filename", path);
    append_rates(out, &totals);
    g_string_append(out, " complexity=\"0\">\n<methods>\n");
    for (guint i = 0; i < file->functions->len; i++)
        append_method(coverage, file->functions->pdata[i], out);
    g_string_append(out, "</methods>\n<lines>\n");
    for (guint i = 0; i < file->lines->len; i++)
        append_line(coverage, file->lines->pdata[i], out);
    g_string_append(out, "</lines>\n</class>\n");
}

/* The path of the file for GitLab: below the root, which is the only <source>. */
static char *path_of(const Coverage *coverage, const CoverageFile *file, const char *folder) {
    return file->text ? coverage_text_path(file, folder)
                      : g_strdup(coverage_shown_path(coverage, file));
}

/* The files of one folder, which stand together in the sorted list; returns the index behind. */
static guint append_package(const Coverage *coverage, guint first, const char *folder,
                            GString *out) {
    g_autofree char *path = path_of(coverage, coverage->files->pdata[first], folder);
    g_autofree char *package = g_path_get_dirname(path);
    g_autoptr(GString) classes = g_string_new(NULL);
    CoverageTotals totals = {0};
    guint i = first;
    for (; i < coverage->files->len; i++) {
        const CoverageFile *file = coverage->files->pdata[i];
        g_autofree char *other = path_of(coverage, file, folder);
        g_autofree char *parent = g_path_get_dirname(other);
        if (strcmp(parent, package) != 0) break;
        coverage_add_totals(coverage, file, &totals);
        append_class(coverage, file, other, classes);
    }
    g_string_append(out, "<package");
    append_attribute(out, "name", package);
    append_rates(out, &totals);
    g_string_append_printf(out, " complexity=\"0\">\n<classes>\n%s</classes>\n</package>\n",
                           classes->str);
    return i;
}

void coverage_cobertura(const Coverage *coverage, const char *folder, GString *out) {
    CoverageTotals totals = coverage_totals(coverage);
    g_string_append(out, "<?xml version=\"1.0\" encoding=\"UTF-8\"?>\n"
                         "<!DOCTYPE coverage SYSTEM "
                         "\"http://cobertura.sourceforge.net/xml/coverage-04.dtd\">\n<coverage");
    append_rates(out, &totals);
    g_string_append_printf(out,
                           " lines-covered=\"%u\" lines-valid=\"%u\" branches-covered=\"%u\" "
                           "branches-valid=\"%u\" complexity=\"0\" version=\"1.9\" "
                           "timestamp=\"0\">\n<sources><source>",
                           totals.lines_hit, totals.lines, totals.sides_hit, totals.sides);
    markup_line(out, coverage->root);
    g_string_append(out, "</source></sources>\n<packages>\n");
    for (guint i = 0; i < coverage->files->len;)
        i = append_package(coverage, i, folder, out);
    g_string_append(out, "</packages>\n</coverage>\n");
}
