#include "cli/perf_command.h"
#include "gate/plan.h"
#include "history/perf.h"
#include <stdio.h>

/* Runs that `check` takes as "now", and the factor for the number of runs "before". */
#define CHECK_RUNS   5
#define CHECK_BEFORE 4

/* The newest runs of a series and those before them. */
static void split(const HistorySeries *series, HistoryRange *ret_before, HistoryRange *ret_after) {
    guint runs_now = perf_flags.icount ? 1 : CHECK_RUNS, count = series->points->len;
    guint after = count > runs_now ? count - runs_now : 0;
    guint before = after > CHECK_BEFORE * runs_now ? after - CHECK_BEFORE * runs_now : 0;
    ret_after->first = g_array_index(series->points, HistoryPoint, after).run;
    ret_after->last = G_MAXINT64;
    ret_before->first = g_array_index(series->points, HistoryPoint, before).run;
    ret_before->last = ret_after->first - 1;
}

typedef struct {
    guint checked, slower, unsure, unknown;
} CheckCounts;

static void check_series(const HistorySeries *series, double limit_percent, CheckCounts *counts) {
    HistoryRange before, after;
    PerfComparison comparison;
    split(series, &before, &after);
    if (!perf_compare(series, before, after, perf_flags.icount, &comparison) ||
        comparison.change == PERF_UNKNOWN) {
        counts->unknown++;
        return;
    }
    counts->checked++;
    /* Not significant, but larger than allowed. */
    counts->unsure +=
        comparison.change == PERF_UNSURE && 100 * (comparison.ratio - 1) > limit_percent;
    if (comparison.change != PERF_SLOWER || 100 * (comparison.ratio - 1) <= limit_percent) return;
    g_autofree char *name = perf_series_name(series);
    g_autofree char *then = perf_format_value(comparison.before);
    g_autofree char *now = perf_format_value(comparison.after);
    g_autofree char *sure =
        perf_flags.icount ? g_strdup("") : g_strdup_printf(", p=%.4f", comparison.p);
    printf("slower   %s: %s %s before, %s now: %+.1f %%, more than the %g %% of its gate%s\n", name,
           then, perf_unit(), now, 100 * (comparison.ratio - 1), limit_percent, sure);
    counts->slower++;
}

static gboolean check_case(History *history, const PlanCase *planned, CheckCounts *counts,
                           GError **error) {
    g_autoptr(GPtrArray) all =
        history_series(history, planned->id, perf_flags.icount, perf_everything(), error);
    if (!all) return FALSE;
    for (guint i = 0; i < all->len; i++)
        check_series(all->pdata[i], planned->gate_case->slower_percent, counts);
    counts->unknown += all->len == 0;
    return TRUE;
}

int perf_check(History *history, const char *const *arguments, GError **error) {
    if (!arguments[0]) return command_usage(error, "missing GATE; try: harness perf check gates");
    g_autoptr(Plan) plan = plan_new(arguments, error);
    if (!plan) return -1;
    CheckCounts counts = {0};
    guint without = 0;
    for (guint i = 0; i < plan->cases->len; i++) {
        const PlanCase *planned = plan->cases->pdata[i];
        without += planned->requested && planned->gate_case->slower_percent < 0;
        if (planned->requested && planned->gate_case->slower_percent >= 0 &&
            !check_case(history, planned, &counts, error))
            return -1;
    }
    printf("%u programs checked, %u slower than their gate allows", counts.checked, counts.slower);
    if (counts.unsure) printf(", %u possibly slower (not sure)", counts.unsure);
    if (counts.unknown) printf(", %u with too few runs", counts.unknown);
    if (without) printf(", %u cases without a limit in their gate (slower = PERCENT)", without);
    putchar('\n');
    return counts.slower ? EXIT_FAILED : EXIT_PASSED;
}
