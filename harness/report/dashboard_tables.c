#include "report/dashboard_tables.h"
#include "base/markup.h"
#include "base/stats.h"
#include "report/dashboard_chart.h"
#include <math.h>

/* Rows shown; perf steps and perf show have all. */
#define GROUPS_SHOWN  60
#define GROUPS_OPEN   10 /* of these; the others open by a click */
#define STEPS_SHOWN   8  /* of a run */
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

/* What a series is of, on two lines at most; the title has all. */
static void append_name(GString *out, const HistorySeries *series) {
    const char *program = *series->program ? series->program : "whole run";
    g_string_append(out, "<span class=\"clip\" title=\"");
    markup_line(out, series->case_id);
    g_string_append(out, "  ");
    markup_line(out, program);
    g_string_append(out, "\"><code>");
    markup_line(out, series->case_id);
    g_string_append(out, "</code> <code class=\"soft\">");
    markup_line(out, program);
    g_string_append(out, "</code></span>");
}

static void append_row(GString *out, const Row *row) {
    g_string_append(out, "<li>");
    dashboard_change(out, row->step);
    g_string_append(out, "<span>");
    dashboard_value(out, row->step->before, row->series->icount);
    g_string_append(out, " → ");
    dashboard_value(out, row->step->after, row->series->icount);
    g_string_append(out, row->series->icount ? " instructions</span>" : "</span>");
    append_name(out, row->series->series);
    if (row->series->icount)
        g_string_append(out, "<span class=\"soft\">exact</span></li>\n");
    else
        g_string_append_printf(out, "<span class=\"soft\">p = %.4f</span></li>\n", row->step->p);
}

/* The steps of one run: rows [begin, end). */
static void append_group(GString *out, const DashboardData *data, const GArray *rows, guint begin,
                         guint end) {
    gint64 number = g_array_index(rows, Row, begin).run;
    const HistoryRun *run = dashboard_find_run(data, number);
    g_autofree char *date = run ? g_strndup(run->time, 10) : g_strdup("");
    g_string_append_printf(out, "<h3>Run %" G_GINT64_FORMAT " <span class=\"soft\">", number);
    markup_line(out, date);
    g_string_append(out, "</span> <span class=\"id wrap\">");
    markup_line(out, run && run->label ? run->label : "");
    g_string_append(out, "</span></h3>\n<ul class=\"steps\">\n");
    for (guint i = begin; i < MIN(end, begin + STEPS_SHOWN); i++)
        append_row(out, &g_array_index(rows, Row, i));
    if (end - begin > STEPS_SHOWN)
        g_string_append_printf(out, "<li class=\"soft\">%u smaller ones</li>\n",
                               end - begin - STEPS_SHOWN);
    g_string_append(out, "</ul>\n");
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
    guint groups = 0, begin = 0;
    while (begin < rows->len && groups < GROUPS_SHOWN) {
        guint end = begin + 1;
        while (end < rows->len &&
               g_array_index(rows, Row, end).run == g_array_index(rows, Row, begin).run)
            end++;
        if (groups == GROUPS_OPEN)
            g_string_append(out, "<details class=\"more\"><summary>earlier steps</summary>\n");
        append_group(out, data, rows, begin, end);
        groups++;
        begin = end;
    }
    if (groups > GROUPS_OPEN) g_string_append(out, "</details>\n");
    append_left_out(out, rows->len, begin, "harness perf steps --all");
}

/* ---- Flaky cases ---- */

void dashboard_flaky(GString *out, const DashboardData *data) {
    guint count = 0;
    g_string_append(out, "<h2>Flaky cases</h2>\n");
    for (guint i = 0; i < data->verdicts->len; i++) {
        const CaseVerdicts *verdicts = data->verdicts->pdata[i];
        if (verdicts->flakes == 0) continue;
        if (count++ == 0)
            g_string_append(
                out, "<div class=\"scroll flaky-cases\"><table><tr><th>case</th><th class=\"n\">"
                     "flakes</th><th class=\"n\">attempts</th><th class=\"n\">newest "
                     "in run</th><th>what is known</th></tr>\n");
        g_string_append(out, "<tr><td class=\"wrap\"><code>");
        markup_line(out, verdicts->case_id);
        g_string_append_printf(out,
                               "</code></td><td class=\"n\" data-name=\"flakes\">%u</td>"
                               "<td class=\"n\" data-name=\"attempts\">%u</td>"
                               "<td class=\"n\" data-name=\"newest in run\">%" G_GINT64_FORMAT
                               "</td><td class=\"wrap\">",
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
                           "<td class=\"wrap\">",
                           most > 0 ? 100 * cost->cost / most : 0);
    append_name(out, cost->series->series);
    g_string_append(out, "</td></tr>\n");
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
