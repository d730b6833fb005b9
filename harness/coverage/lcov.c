#include "coverage/write.h"
#include <string.h>

/* Of a case and a file. */
typedef struct {
    const Coverage *coverage;
    const CoverageFile *file;
    GStrv names; /* of its functions */
    gint index;  /* of the case; -1: none has run the file */
    gint first;  /* the first case that has run the file, or -1 */
    GString *out;
} Section;

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

/* The first case that ran the line, or that ran the file: it has the branches, which no case has
 * for itself. -1: none. */
static gint first_case(const Coverage *coverage, const CoverageLine *line, gint first_of_file) {
    for (guint i = 0; i < coverage->cases->len; i++)
        if (coverage_cases_has(line->cases, i)) return (gint)i;
    return first_of_file;
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

/* lcov 2 refuses a function on a line without code, such as one that is only inlined: it is shown
 * on its first line that has some. */
static guint line_of(const CoverageFile *file, const CoverageFunction *function) {
    for (guint i = 0; i < file->lines->len; i++) {
        const CoverageLine *line = file->lines->pdata[i];
        if (line->number >= function->line) return line->number;
    }
    return function->line;
}

static void append_functions(const Section *section) {
    const GPtrArray *functions = section->file->functions;
    guint hit = 0;
    for (guint i = 0; i < functions->len; i++)
        g_string_append_printf(section->out, "FN:%u,%s\n",
                               line_of(section->file, functions->pdata[i]), section->names[i]);
    for (guint i = 0; i < functions->len; i++) {
        guint entered = has(((CoverageFunction *)functions->pdata[i])->cases, section->index);
        g_string_append_printf(section->out, "FNDA:%u,%s\n", entered, section->names[i]);
        hit += entered;
    }
    g_string_append_printf(section->out, "FNF:%u\nFNH:%u\n", functions->len, hit);
}

static void append_branch(GString *out, guint line, guint index, const CoverageBranch *branch,
                          gboolean has_run) {
    const gboolean sides[] = {branch->taken, branch->passed};
    for (guint side = 0; side < G_N_ELEMENTS(sides); side++)
        g_string_append_printf(out, "BRDA:%u,%u,%u,%s\n", line, index, side,
                               !has_run      ? "-"
                               : sides[side] ? "1"
                                             : "0");
}

/* lcov refuses a line that ran but none of whose branches did, as when only a part of it is
 * reached: it gets no branches. */
static gboolean has_branches(const Section *section, const CoverageLine *line) {
    if (!line->branches || first_case(section->coverage, line, section->first) != section->index)
        return FALSE;
    gboolean was_reached = !has(line->cases, section->index);
    for (guint i = 0; i < line->branches->len; i++) {
        const CoverageBranch *branch = line->branches->pdata[i];
        was_reached |= branch->taken || branch->passed;
    }
    return was_reached;
}

static void append_branches(const Section *section) {
    guint all = 0, hit = 0;
    for (guint i = 0; i < section->file->lines->len; i++) {
        const CoverageLine *line = section->file->lines->pdata[i];
        if (!has_branches(section, line)) continue;
        for (guint k = 0; k < line->branches->len; k++) {
            const CoverageBranch *branch = line->branches->pdata[k];
            append_branch(section->out, line->number, k, branch,
                          has(line->cases, section->index) > 0);
            hit += (guint)branch->taken + (guint)branch->passed;
            all += 2;
        }
    }
    if (all) g_string_append_printf(section->out, "BRF:%u\nBRH:%u\n", all, hit);
}

static void append_lines(const Section *section) {
    const GPtrArray *lines = section->file->lines;
    guint hit = 0;
    for (guint i = 0; i < lines->len; i++) {
        const CoverageLine *line = lines->pdata[i];
        guint ran = has(line->cases, section->index);
        g_string_append_printf(section->out, "DA:%u,%u\n", line->number, ran);
        hit += ran;
    }
    g_string_append_printf(section->out, "LF:%u\nLH:%u\n", lines->len, hit);
}

static void append_section(const Section *section, const char *folder) {
    g_autofree char *path = coverage_text_path(section->file, folder);
    append_test(section->out,
                section->index < 0 ? "" : section->coverage->cases->pdata[section->index]);
    g_string_append_printf(section->out, "SF:%s\n", path);
    append_functions(section);
    append_branches(section);
    append_lines(section);
    g_string_append(section->out, "end_of_record\n");
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
    Section section = {coverage, file, names, -1, -1, out};
    for (gint index = 0; index < (gint)coverage->cases->len; index++) {
        if (!coverage_has_run(file, (guint)index)) continue;
        section.index = index;
        if (section.first < 0) section.first = index;
        append_section(&section, folder);
    }
    if (section.first < 0) append_section(&section, folder);
}

void coverage_lcov(const Coverage *coverage, const char *folder, GString *out) {
    for (guint i = 0; i < coverage->files->len; i++)
        append_file(coverage, coverage->files->pdata[i], folder, out);
}
