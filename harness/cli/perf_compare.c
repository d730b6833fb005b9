#include "base/term.h"
#include "cli/perf_command.h"
#include "history/perf.h"
#include <stdio.h>

typedef struct {
    const HistorySeries *series;
    PerfComparison comparison;
} Compared;

static void print_comparison(const Compared *compared, const Term *term) {
    static const TermStyle styles[] = {TERM_PLAIN, TERM_YELLOW, TERM_GREEN, TERM_RED, TERM_DIM};
    G_STATIC_ASSERT(G_N_ELEMENTS(styles) == PERF_UNKNOWN + 1);
    const PerfComparison *c = &compared->comparison;
    g_autofree char *name = perf_series_name(compared->series);
    g_autofree char *before = perf_format_value(c->before);
    g_autofree char *after = perf_format_value(c->after);
    g_autofree char *sure = perf_flags.icount ? g_strdup("exact") : g_strdup_printf("p=%.4f", c->p);
    printf("%s%-12s%s %12s %12s %+7.1f%% %9s %3u %3u  %s\n", term_style(term, styles[c->change]),
           perf_change_name(c->change), term_style(term, TERM_PLAIN), before, after,
           100 * (c->ratio - 1), sure, c->before_runs, c->after_runs, name);
}

/* The largest changes first. */
static gint compare_changes(gconstpointer a, gconstpointer b) {
    const PerfComparison *one = &((const Compared *)a)->comparison,
                         *other = &((const Compared *)b)->comparison;
    double change = ABS(one->after - one->before), other_change = ABS(other->after - other->before);
    return (change < other_change) - (change > other_change);
}

/* The two ranges of a comparison, which must not share a run. */
static gboolean find_ranges(History *history, const char *const *arguments,
                            HistoryRange *ret_before, HistoryRange *ret_after, GError **error) {
    if (!arguments[0] || !arguments[1]) {
        command_usage(error, "perf compare needs two ranges of runs: perf compare 1..9 last:5");
        return FALSE;
    }
    if (!perf_find_range(history, arguments[0], ret_before, error) ||
        !perf_find_range(history, arguments[1], ret_after, error))
        return FALSE;
    gint64 first = MAX(ret_before->first, ret_after->first);
    gint64 last = MIN(ret_before->last, ret_after->last);
    if (first > last) return TRUE;
    command_usage(error,
                  "the ranges %s and %s share the runs %" G_GINT64_FORMAT " to %" G_GINT64_FORMAT
                  "; give separate ranges (harness perf runs shows the numbers)",
                  arguments[0], arguments[1], first, last);
    return FALSE;
}

static void print_changes(GArray *rows) {
    Term term = term_detect(stdout, perf_flags.color);
    printf("%-12s %12s %12s %8s %9s %7s  %s (medians, %s)\n", "change", "before", "after", "by",
           "sure", "runs", "case, program", perf_unit());
    g_array_sort(rows, compare_changes);
    for (guint i = 0; i < perf_shown_rows(rows->len); i++)
        print_comparison(&g_array_index(rows, Compared, i), &term);
    perf_print_left_out(rows->len, "rows");
}

static void print_counts(const guint *counts, gboolean any) {
    printf("%u slower, %u faster, %u the same", counts[PERF_SLOWER], counts[PERF_FASTER],
           counts[PERF_SAME]);
    if (counts[PERF_UNSURE])
        printf(", %u not sure (make more runs: harness run --repeat 10)", counts[PERF_UNSURE]);
    if (counts[PERF_UNKNOWN])
        printf(", %u with too few runs (%d are needed on each side)", counts[PERF_UNKNOWN],
               PERF_RUNS_MIN);
    printf("%s\n", any ? "" : "; no case ran in both ranges");
}

int perf_compare_runs(History *history, const char *const *arguments, GError **error) {
    HistoryRange before, after;
    if (!find_ranges(history, arguments, &before, &after, error)) return -1;
    const char *glob = arguments[2] ? arguments[2] : "*";
    g_autoptr(GPtrArray) all = perf_load_series(history, glob, perf_everything(), error);
    if (!all) return -1;
    g_autoptr(GArray) rows = g_array_new(FALSE, FALSE, sizeof(Compared));
    guint counts[PERF_UNKNOWN + 1] = {0};
    gboolean any = FALSE;
    for (guint i = 0; i < all->len; i++) {
        Compared row = {all->pdata[i], {0}};
        if (!perf_compare(row.series, before, after, perf_flags.icount, &row.comparison)) continue;
        any = TRUE;
        counts[row.comparison.change]++;
        if (perf_flags.all || row.comparison.change == PERF_SLOWER ||
            row.comparison.change == PERF_FASTER)
            g_array_append_val(rows, row);
    }
    if (rows->len > 0) print_changes(rows);
    print_counts(counts, any);
    return EXIT_PASSED;
}
