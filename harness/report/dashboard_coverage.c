#include "report/dashboard_coverage.h"
#include "base/markup.h"
#include <string.h>

/* Units of the SVG's own; the page stretches it. */
#define WIDTH  320
#define HEIGHT 80
#define POINTS 160
/* The sets that were counted last. */
#define CHARTS_MAX 24

static double percent(guint hit, guint all) { return all ? 100.0 * hit / all : 0; }

static double line_rate(const HistoryRate *rate) { return percent(rate->lines_hit, rate->lines); }

/* 99.95 % is not all. */
static void append_rate(GString *out, guint hit, guint all, const char *what) {
    double shown = hit == all ? percent(hit, all) : MIN(percent(hit, all), 99.9);
    g_string_append_printf(out, "%.1f %% of %u %s", shown, all, what);
}

/* A line from point to point; of many runs every n-th and the last. */
static void append_line(GString *out, const GPtrArray *rates, double low) {
    guint count = rates->len, step = 1 + count / POINTS;
    g_string_append(out, "<path class=\"middle\" d=\"");
    for (guint i = 0; i < count; i = i + 1 < count ? MIN(i + step, count - 1) : count) {
        double x = count > 1 ? WIDTH * (double)i / (count - 1) : WIDTH / 2.0;
        double y = HEIGHT * (100 - line_rate(rates->pdata[i])) / (100 - low);
        g_string_append_printf(out, "%c%.1f %.1f", i > 0 ? 'L' : 'M', x, y);
    }
    /* A line of one point has no length: its round end shows it. */
    g_string_append(out, count == 1 ? "h0\"/>" : "\"/>");
}

static void append_date(GString *out, const HistoryRate *rate) {
    g_autofree char *date = g_strndup(rate->time, strlen("2000-01-01"));
    g_string_append(out, "<span>");
    markup_line(out, date);
    g_string_append(out, "</span>");
}

/* What the newest run has more or less than the one before. */
static void append_change(GString *out, const GPtrArray *rates) {
    if (rates->len < 2) return;
    double by = line_rate(rates->pdata[rates->len - 1]) - line_rate(rates->pdata[rates->len - 2]);
    if (by <= -0.05 || by >= 0.05)
        g_string_append_printf(out, " <b class=\"%s\">%+.1f</b>", by < 0 ? "slower" : "faster", by);
}

static void append_card(GString *out, const GPtrArray *rates) {
    const HistoryRate *first = rates->pdata[0], *last = rates->pdata[rates->len - 1];
    double least = 100;
    for (guint i = 0; i < rates->len; i++)
        least = MIN(least, line_rate(rates->pdata[i]));
    /* The scale begins at a multiple of ten below all of them. */
    int low = MIN((int)(least / 10) * 10, 90);
    g_string_append(out, "<article class=\"card\"><h3 class=\"id wrap\">");
    markup_line(out, last->cases);
    g_string_append(out, "</h3><p class=\"soft\">");
    append_rate(out, last->lines_hit, last->lines, "lines");
    append_change(out, rates);
    g_string_append(out, ", ");
    append_rate(out, last->functions_hit, last->functions, "functions");
    g_string_append_printf(out, "; %u run%s</p>\n<div class=\"scale\">%d to 100 %% of lines</div>",
                           rates->len, rates->len == 1 ? "" : "s", low);
    g_string_append_printf(out,
                           "<div class=\"chart\"><svg viewBox=\"0 0 %d %d\" "
                           "preserveAspectRatio=\"none\" aria-hidden=\"true\">",
                           WIDTH, HEIGHT);
    append_line(out, rates, low);
    g_string_append(out, "</svg></div><div class=\"axis\">");
    append_date(out, first);
    append_date(out, last);
    g_string_append(out, "</div>\n</article>\n");
}

/* The runs of each set of gates; that of the newest run first. Of GPtrArray of HistoryRate. */
static GPtrArray *group(const GPtrArray *rates) {
    g_autoptr(GHashTable) by_cases = g_hash_table_new(g_str_hash, g_str_equal);
    GPtrArray *groups = g_ptr_array_new_with_free_func((GDestroyNotify)g_ptr_array_unref);
    for (guint i = rates->len; i > 0; i--) {
        HistoryRate *rate = rates->pdata[i - 1];
        GPtrArray *own = g_hash_table_lookup(by_cases, rate->cases);
        if (!own) {
            own = g_ptr_array_new();
            g_hash_table_insert(by_cases, rate->cases, own);
            g_ptr_array_add(groups, own);
        }
        g_ptr_array_insert(own, 0, rate);
    }
    return groups;
}

gboolean dashboard_coverage(GString *out, History *history, GError **error) {
    g_autoptr(GPtrArray) rates = history_rates(history, error);
    if (!rates) return FALSE;
    g_autoptr(GPtrArray) groups = group(rates);
    if (groups->len == 0) return TRUE;
    g_string_append(out, "<section>\n<h2>Coverage over time</h2>\n<div class=\"cards\">\n");
    for (guint i = 0; i < MIN(groups->len, CHARTS_MAX); i++)
        append_card(out, groups->pdata[i]);
    g_string_append(out, "</div>\n");
    if (groups->len > CHARTS_MAX)
        g_string_append_printf(
            out, "<p class=\"soft\">%u other sets of gates were counted earlier.</p>\n",
            groups->len - CHARTS_MAX);
    g_string_append(out, "</section>\n");
    return TRUE;
}
