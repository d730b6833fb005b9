#include "base/fdio.h"
#include "base/markup.h"
#include "coverage/html_sets.h"
#include "coverage/write.h"
#include <string.h>

/* coverage/html/coverage.css, as harness.mk embeds it. */
extern const unsigned char coverage_css[];
extern const unsigned int coverage_css_len;

/* Files of a Coverage have numbers in the page, and lines fNlM; sets of cases sN. */
typedef struct {
    const Coverage *coverage;
    HtmlSets *sets;
    GString *out;
} Page;

static void append(const Page *page, const char *before, const char *text, const char *after) {
    g_string_append(page->out, before);
    markup_text(page->out, text);
    g_string_append(page->out, after);
}

static gboolean has_run(const Page *page, const CoverageCases *cases) {
    return coverage_cases_count(page->coverage, cases) > 0;
}

/* ---- Summary ---- */

static void append_share(const Page *page, guint hit, guint all) {
    if (all)
        g_string_append_printf(page->out,
                               "<td class=\"n\">%u of %u</td><td class=\"n\">%.1f %%</td>", hit,
                               all, 100.0 * hit / all);
    else
        g_string_append(page->out, "<td class=\"n\"></td><td class=\"n\"></td>");
}

static void append_totals(const Page *page, const CoverageTotals *totals) {
    append_share(page, totals->lines_hit, totals->lines);
    append_share(page, totals->functions_hit, totals->functions);
    append_share(page, totals->sides_hit, totals->sides);
    g_string_append(page->out, "</tr>\n");
}

static void append_files(const Page *page) {
    const Coverage *coverage = page->coverage;
    CoverageTotals all = coverage_totals(coverage);
    g_string_append(page->out, "<div class=\"scroll\"><table><tr><th>file</th>"
                               "<th class=\"n\" colspan=\"2\">lines</th>"
                               "<th class=\"n\" colspan=\"2\">functions</th>"
                               "<th class=\"n\" colspan=\"2\">sides of branches</th></tr>\n"
                               "<tr><td>all</td>");
    append_totals(page, &all);
    for (guint i = 0; i < coverage->files->len; i++) {
        const CoverageFile *file = coverage->files->pdata[i];
        CoverageTotals totals = {0};
        coverage_add_totals(coverage, file, &totals);
        g_string_append_printf(page->out, "<tr><td><a href=\"#f%u\">", i);
        append(page, "", coverage_shown_path(coverage, file), "</a></td>");
        append_totals(page, &totals);
    }
    g_string_append(page->out, "</table></div>\n");
}

/* An item of a list that leads to a line. */
static void append_item(const Page *page, guint file_index, guint line, const char *text) {
    const CoverageFile *file = page->coverage->files->pdata[file_index];
    g_string_append_printf(page->out, "<li><a href=\"#f%ul%u\">", file_index, line);
    append(page, "", coverage_shown_path(page->coverage, file), "");
    g_string_append_printf(page->out, ":%u</a> ", line);
    append(page, "", text, "</li>\n");
}

static void append_never_entered(const Page *page) {
    const GPtrArray *files = page->coverage->files;
    guint n = 0;
    g_string_append(page->out, "<h2>Functions never entered</h2>\n<ul>\n");
    for (guint i = 0; i < files->len; i++) {
        const CoverageFile *file = files->pdata[i];
        for (guint k = 0; k < file->functions->len; k++) {
            const CoverageFunction *function = file->functions->pdata[k];
            if (has_run(page, function->cases)) continue;
            append_item(page, i, function->line, function->name);
            n++;
        }
    }
    g_string_append(page->out, n ? "</ul>\n" : "</ul>\n<p>None.</p>\n");
}

static gboolean is_half(const CoverageBranch *branch) { return branch->taken != branch->passed; }

static gboolean has_half(const CoverageLine *line) {
    for (guint i = 0; line->branches && i < line->branches->len; i++)
        if (is_half(line->branches->pdata[i])) return TRUE;
    return FALSE;
}

static guint append_half(const Page *page, guint file_index, const CoverageLine *line) {
    guint n = 0;
    for (guint i = 0; line->branches && i < line->branches->len; i++) {
        const CoverageBranch *branch = line->branches->pdata[i];
        if (!is_half(branch)) continue;
        g_autofree char *text = g_strdup_printf("branch %u of %u %s", i + 1, line->branches->len,
                                                branch->taken ? "always jumps" : "never jumps");
        append_item(page, file_index, line->number, text);
        n++;
    }
    return n;
}

static void append_half_branches(const Page *page) {
    const GPtrArray *files = page->coverage->files;
    guint n = 0;
    g_string_append(page->out, "<h2>Branches of which only one side ran</h2>\n<ul>\n");
    for (guint i = 0; i < files->len; i++) {
        const CoverageFile *file = files->pdata[i];
        for (guint k = 0; k < file->lines->len; k++)
            n += append_half(page, i, file->lines->pdata[k]);
    }
    g_string_append(page->out, n ? "</ul>\n" : "</ul>\n<p>None.</p>\n");
}

/* ---- Sources ---- */

static void append_count(const Page *page, const CoverageLine *line) {
    guint count = coverage_cases_count(page->coverage, line->cases);
    if (count == 0)
        g_string_append(page->out, "0");
    else
        g_string_append_printf(page->out, "<a href=\"#s%u\">%u</a>",
                               html_sets_number(page->sets, line->cases), count);
}

/* `line` may be NULL: no code belongs to it. */
static void append_source_line(const Page *page, guint file_index, guint number,
                               const CoverageLine *line, const char *text) {
    const char *class = !line                         ? ""
                        : !has_run(page, line->cases) ? " class=\"miss\""
                        : has_half(line)              ? " class=\"half\""
                                                      : " class=\"hit\"";
    g_string_append_printf(page->out, "<span id=\"f%ul%u\"%s><i>%u</i><i>", file_index, number,
                           class, number);
    if (line) append_count(page, line);
    append(page, "</i>", text, "</span>");
}

static char *load_text(const CoverageFile *file) {
    g_autoptr(GBytes) bytes = file->text ? NULL : fdio_load(file->path, NULL);
    gsize size;
    const char *data = bytes ? g_bytes_get_data(bytes, &size) : NULL;
    return data ? g_strndup(data, size) : g_strdup(file->text);
}

static CoverageLine *find_line(const CoverageFile *file, guint number) {
    return g_hash_table_lookup(file->by_number, GUINT_TO_POINTER(number));
}

static void append_source(const Page *page, guint index) {
    const CoverageFile *file = page->coverage->files->pdata[index];
    g_autofree char *text = load_text(file);
    g_auto(GStrv) lines = text ? g_strsplit(text, "\n", -1) : NULL;
    guint n = lines ? g_strv_length(lines) : 0;
    if (n > 0 && !*lines[n - 1]) n--;
    g_string_append_printf(page->out, "<details id=\"f%u\"><summary>", index);
    append(page, "", coverage_shown_path(page->coverage, file), "</summary>\n");
    if (!text) g_string_append(page->out, "<p class=\"soft\">The source is not here.</p>\n");
    g_string_append(page->out, "<pre>");
    for (guint i = 0; i < n; i++)
        append_source_line(page, index, i + 1, find_line(file, i + 1), lines[i]);
    for (guint i = 0; i < file->lines->len; i++) {
        const CoverageLine *line = file->lines->pdata[i];
        if (line->number > n) append_source_line(page, index, line->number, line, "");
    }
    g_string_append(page->out, "</pre></details>\n");
}

static void append_sources(const Page *page) {
    g_string_append(page->out,
                    "<h2>Sources</h2>\n<p class=\"soft\">Line, number of cases that ran it, "
                    "source. A number leads to the names of the cases. "
                    "<span class=\"hit\">ran</span> <span class=\"half\">ran, but a branch always "
                    "or never jumps</span> <span class=\"miss\">did not run</span></p>\n");
    for (guint i = 0; i < page->coverage->files->len; i++)
        append_source(page, i);
}

static void append_sets(const Page *page) {
    g_string_append(page->out, "<h2>Cases</h2>\n<dl>\n");
    for (guint number = 1; number <= html_sets_count(page->sets); number++) {
        const CoverageCases *cases = html_sets_get(page->sets, number);
        g_string_append_printf(page->out, "<dt id=\"s%u\">%u cases</dt><dd>", number,
                               coverage_cases_count(page->coverage, cases));
        for (guint i = 0; i < page->coverage->cases->len; i++)
            if (coverage_cases_has(cases, i))
                append(page, "", page->coverage->cases->pdata[i], " ");
        g_string_append(page->out, "</dd>\n");
    }
    g_string_append(page->out, "</dl>\n");
}

void coverage_html(const Coverage *coverage, GString *out) {
    g_autoptr(HtmlSets) sets = html_sets_new(coverage);
    Page page = {coverage, sets, out};
    CoverageTotals totals = coverage_totals(coverage);
    g_string_append(out, "<!DOCTYPE html>\n<html lang=\"en\">\n<head>\n<meta charset=\"utf-8\">\n"
                         "<meta name=\"viewport\" content=\"width=device-width\">\n"
                         "<title>Coverage</title>\n<style>\n");
    g_string_append_len(out, (const char *)coverage_css, (gssize)coverage_css_len);
    g_string_append_printf(out, "</style>\n</head>\n<body>\n<h1>Coverage: %u of %u lines</h1>\n",
                           totals.lines_hit, totals.lines);
    append_files(&page);
    append_never_entered(&page);
    append_half_branches(&page);
    append_sources(&page);
    append_sets(&page);
    g_string_append(out, "</body>\n</html>\n");
}
