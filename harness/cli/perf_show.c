#include "base/stats.h"
#include "cli/perf_command.h"
#include "history/perf.h"
#include <stdio.h>

/* Lines of a plot. */
#define PLOT_HEIGHT 12

/* The costliest first, by its newest run. */
static gint compare_costs(gconstpointer a, gconstpointer b) {
    const HistorySeries *one = *(const HistorySeries *const *)a;
    const HistorySeries *other = *(const HistorySeries *const *)b;
    double cost = g_array_index(one->points, HistoryPoint, one->points->len - 1).value;
    double other_cost = g_array_index(other->points, HistoryPoint, other->points->len - 1).value;
    return (cost < other_cost) - (cost > other_cost);
}

static void show_series(HistorySeries *series) {
    perf_keep_last(series);
    guint count = series->points->len;
    g_autofree double *values = perf_point_values(series);
    double median = stats_median(values, count), least = values[0];
    for (guint i = 1; i < count; i++)
        least = MIN(least, values[i]);
    g_autofree char *name = perf_series_name(series);
    g_autofree char *middle = perf_format_value(median);
    g_autofree char *lowest = perf_format_value(least);
    g_autofree char *newest = perf_format_value(values[count - 1]);
    double stray = median > 0 ? 100 * stats_deviation(values, count) / median : 0;
    g_autofree char *line = perf_sparkline(series->points, PERF_SHOWN_RUNS);
    printf("%5u %12s %12s %12s %5.1f%%  %s%*s  %s\n", count, newest, middle, lowest, stray, line,
           (int)(PERF_SHOWN_RUNS - MIN(count, PERF_SHOWN_RUNS)), "", name);
}

int perf_show(History *history, const char *const *arguments, GError **error) {
    const char *glob = arguments[0] ? arguments[0] : "*";
    g_autoptr(GPtrArray) all = perf_load_series(history, glob, perf_everything(), error);
    if (!all) return -1;
    printf("%5s %12s %12s %12s %6s  %-*s  %s (%s)\n", "runs", "newest", "median", "least", "stray",
           PERF_SHOWN_RUNS, "trend", "case, program", perf_unit());
    g_ptr_array_sort(all, compare_costs);
    for (guint i = 0; i < perf_shown_rows(all->len); i++)
        show_series(all->pdata[i]);
    perf_print_left_out(all->len, "programs");
    return EXIT_PASSED;
}

int perf_runs(History *history, const char *const *arguments, GError **error) {
    if (arguments[0])
        return command_usage(error, "perf runs takes no arguments; --last N shows more");
    g_autoptr(GPtrArray) all = history_runs(history, (guint)perf_flags.last, error);
    if (!all) return -1;
    printf("%6s  %-27s %-12s %9s %7s  %-10s %-12s  %s\n", "run", "time", "counted in", "passed",
           "spawns", "QEMU", "kernel", "label");
    for (guint i = 0; i < all->len; i++) {
        const HistoryRun *run = all->pdata[i];
        g_autofree char *passed = g_strdup_printf("%u/%u", run->passed, run->attempts);
        printf("%6" G_GINT64_FORMAT "  %-27s %-12s %9s %7u  %-10.10s %-12.12s  %s\n", run->run,
               run->time, run->icount ? "instructions" : "time", passed, run->spawns,
               run->qemu ? run->qemu : "", run->kernel_sha256 ? run->kernel_sha256 : "",
               run->label ? run->label : "");
    }
    return EXIT_PASSED;
}

/* ---- plot ---- */

static void plot_series(HistorySeries *series) {
    perf_keep_last(series);
    guint count = series->points->len;
    g_autofree double *values = perf_point_values(series);
    double least = values[0], most = values[0];
    for (guint i = 1; i < count; i++) {
        least = MIN(least, values[i]);
        most = MAX(most, values[i]);
    }
    /* Bars start at zero, so that changes are to scale. */
    double step = most > 0 ? most / PLOT_HEIGHT : 1;
    g_autofree char *name = perf_series_name(series);
    g_autofree char *low = perf_format_value(least);
    g_autofree char *high = perf_format_value(most);
    printf("%s: %s to %s %s\n", name, low, high, perf_unit());
    for (int row = PLOT_HEIGHT; row > 0; row--) {
        g_autofree char *label = perf_format_value(row * step);
        printf("%12s |", row == PLOT_HEIGHT || row == PLOT_HEIGHT / 2 ? label : "");
        for (guint i = 0; i < count; i++)
            fputs(values[i] >= (row - 0.5) * step ? "##" : "  ", stdout);
        putchar('\n');
    }
    g_autofree char *axis = g_strnfill(2 * count, '-');
    printf("%12s +%s\n%12s  run %" G_GINT64_FORMAT " to %" G_GINT64_FORMAT "\n\n", "0", axis, "",
           g_array_index(series->points, HistoryPoint, 0).run,
           g_array_index(series->points, HistoryPoint, count - 1).run);
}

int perf_plot(History *history, const char *const *arguments, GError **error) {
    if (!arguments[0])
        return command_usage(error, "perf plot needs a GATE/CASE: perf plot 'tier1/*'");
    g_autoptr(GPtrArray) all = perf_load_series(history, arguments[0], perf_everything(), error);
    if (!all) return -1;
    for (guint i = 0; i < all->len; i++)
        plot_series(all->pdata[i]);
    return EXIT_PASSED;
}
