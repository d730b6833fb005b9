#include "report/dashboard_tables.h"
#include "base/markup.h"
#include "base/stats.h"
#include "report/dashboard_chart.h"
#include <math.h>

/* Rows shown; perf steps and perf show have all. */
#define STEPS_SHOWN   60
#define SLOWEST_SHOWN 25
/* Runs whose median is a program's cost today. */
#define SLOWEST_RUNS 20

void dashboard_change(GString *out, const Step *step) {
    gboolean is_slower = step->after > step->before;
    g_string_append_printf(out, "<b class=\"%s\">%s", is_slower ? "slower" : "faster",
                           is_slower ? "slower " : "faster ");
    if (step->before > 0)
        g_string_append_printf(out, "%+.1f %%", 100 * (step->after / step->before - 1));
    g_string_append(out, "</b>");
}

/* ---- Steps ---- */

typedef struct {
    const DashboardSeries *series;
    const Step *step;
    gint64 run;
} Row;

/* The newest first, then the largest. */
static gint compare_rows(gconstpointer a, gconstpointer b) {
    const Row *one = a, *other = b;
    if (one->run != other->run) return one->run < other->run ? 1 : -1;
    double change = fabs(one->step->after - one->step->before);
    double other_change = fabs(other->step->after - other->step->before);
    return (change < other_change) - (change > other_change);
}

/* In instructions a case and its init are the same series; only one of them is told. */
static void add_rows(GArray *rows, const GPtrArray *all, gboolean has_counts) {
    for (guint i = 0; i < all->len; i++) {
        const DashboardSeries *series = all->pdata[i];
        for (guint k = 0; k < series->steps->len && (has_counts || !series->icount); k++) {
            const Step *step = &g_array_index(series->steps, Step, k);
            Row row = {series, step,
                       g_array_index(series->series->points, HistoryPoint, step->at).run};
            g_array_append_val(rows, row);
        }
    }
}

static void append_row(GString *out, const DashboardData *data, const Row *row) {
    const HistoryRun *run = dashboard_find_run(data, row->run);
    g_string_append_printf(out, "<tr><td class=\"n\">%" G_GINT64_FORMAT "</td><td class=\"short\">",
                           row->run);
    g_autofree char *date = run ? g_strndup(run->time, 10) : g_strdup("");
    markup_line(out, date);
    g_string_append(out, "</td><td class=\"id wrap\">");
    markup_line(out, run && run->label ? run->label : "");
    g_string_append(out, "</td><td class=\"short\">");
    dashboard_change(out, row->step);
    g_string_append(out, "</td><td class=\"n\">");
    dashboard_value(out, row->step->before, row->series->icount);
    g_string_append(out, "</td><td class=\"n\">");
    dashboard_value(out, row->step->after, row->series->icount);
    g_string_append(out, "</td><td class=\"wrap\"><code>");
    markup_line(out, row->series->series->case_id);
    g_string_append(out, "</code> <code class=\"soft\">");
    markup_line(out, *row->series->series->program ? row->series->series->program : "whole run");
    g_string_append(out, "</code></td><td class=\"short\">");
    if (row->series->icount)
        g_string_append(out, "exact");
    else
        g_string_append_printf(out, "p = %.4f", row->step->p);
    g_string_append(out, "</td></tr>\n");
}

static void append_left_out(GString *out, guint count, guint shown, const char *command) {
    if (count > shown)
        g_string_append_printf(out, "<p class=\"soft\">%u more; <code>%s</code> has all.</p>\n",
                               count - shown, command);
}

void dashboard_steps(GString *out, const DashboardData *data) {
    g_autoptr(GArray) rows = g_array_new(FALSE, FALSE, sizeof(Row));
    add_rows(rows, data->cases, FALSE);
    add_rows(rows, data->programs, TRUE);
    g_array_sort(rows, compare_rows);
    g_string_append(out, "<h2>Since when is it slow</h2>\n");
    if (rows->len == 0) {
        g_string_append(out, "<p class=\"soft\">No step: nothing became slower or faster. Times "
                             "need five runs on each side of one.</p>\n");
        return;
    }
    g_string_append(out, "<div class=\"scroll\"><table><tr><th class=\"n\">run</th><th>date</th>"
                         "<th>label</th><th>change</th><th class=\"n\">before</th><th class=\"n\">"
                         "after</th><th>case, program</th><th>how sure</th></tr>\n");
    guint shown = MIN(rows->len, STEPS_SHOWN);
    for (guint i = 0; i < shown; i++)
        append_row(out, data, &g_array_index(rows, Row, i));
    g_string_append(out, "</table></div>\n");
    append_left_out(out, rows->len, shown, "harness perf steps --all");
}

/* ---- Flaky cases ---- */

void dashboard_flaky(GString *out, const DashboardData *data) {
    guint count = 0;
    g_string_append(out, "<h2>Flaky cases</h2>\n");
    for (guint i = 0; i < data->verdicts->len; i++) {
        const CaseVerdicts *verdicts = data->verdicts->pdata[i];
        if (verdicts->flakes == 0) continue;
        if (count++ == 0)
            g_string_append(out, "<div class=\"scroll\"><table><tr><th>case</th><th class=\"n\">"
                                 "flakes</th><th class=\"n\">attempts</th><th class=\"n\">newest "
                                 "in run</th><th>what is known</th></tr>\n");
        g_string_append(out, "<tr><td class=\"wrap\"><code>");
        markup_line(out, verdicts->case_id);
        g_string_append_printf(out,
                               "</code></td><td class=\"n\">%u</td><td class=\"n\">%u</td>"
                               "<td class=\"n\">%" G_GINT64_FORMAT "</td><td class=\"wrap\">",
                               verdicts->flakes, verdicts->attempts, verdicts->newest_flake);
        markup_line(out, verdicts->why ? verdicts->why : "it passed at another attempt of the run");
        g_string_append(out, "</td></tr>\n");
    }
    g_string_append(out, count ? "</table></div>\n"
                               : "<p class=\"soft\">None: no case changed its verdict while its "
                                 "inputs, kernel, QEMU and options were the same.</p>\n");
}

/* ---- The slowest programs ---- */

typedef struct {
    const DashboardSeries *series;
    double cost;
} Cost;

static gint compare_costs(gconstpointer a, gconstpointer b) {
    double one = ((const Cost *)a)->cost, other = ((const Cost *)b)->cost;
    return (one < other) - (one > other);
}

static double newest_median(const GArray *points) {
    double values[SLOWEST_RUNS];
    guint count = MIN(points->len, SLOWEST_RUNS);
    for (guint i = 0; i < count; i++)
        values[i] = g_array_index(points, HistoryPoint, points->len - count + i).value;
    return stats_median(values, count);
}

static void append_cost(GString *out, const Cost *cost, double most) {
    g_string_append(out, "<tr><td class=\"n\">");
    dashboard_value(out, cost->cost, FALSE);
    g_string_append_printf(out,
                           "</td><td class=\"share-of\"><i style=\"width:%.1f%%\"></i></td>"
                           "<td class=\"wrap\"><code>",
                           most > 0 ? 100 * cost->cost / most : 0);
    markup_line(out, cost->series->series->case_id);
    g_string_append(out, "</code> <code class=\"soft\">");
    markup_line(out, cost->series->series->program);
    g_string_append(out, "</code></td></tr>\n");
}

void dashboard_slowest(GString *out, const DashboardData *data) {
    g_autoptr(GArray) costs = g_array_new(FALSE, FALSE, sizeof(Cost));
    for (guint i = 0; i < data->programs->len; i++) {
        const DashboardSeries *series = data->programs->pdata[i];
        Cost cost = {series, newest_median(series->series->points)};
        if (!series->icount) g_array_append_val(costs, cost);
    }
    if (costs->len == 0) return;
    g_array_sort(costs, compare_costs);
    g_string_append_printf(out,
                           "<h2>Slowest programs</h2>\n<p class=\"soft\">Medians of their newest "
                           "%d runs.</p>\n<div class=\"scroll\"><table>\n",
                           SLOWEST_RUNS);
    guint shown = MIN(costs->len, SLOWEST_SHOWN);
    for (guint i = 0; i < shown; i++)
        append_cost(out, &g_array_index(costs, Cost, i), g_array_index(costs, Cost, 0).cost);
    g_string_append(out, "</table></div>\n");
    append_left_out(out, costs->len, shown, "harness perf show --all");
}
