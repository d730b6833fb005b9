#include "base/term.h"
#include "cli/perf_command.h"
#include "history/steps.h"
#include <stdio.h>

typedef struct {
    const HistorySeries *series;
    Step step;
} FoundStep;

/* The largest changes first. */
static gint compare_steps(gconstpointer a, gconstpointer b) {
    const Step *one = &((const FoundStep *)a)->step, *other = &((const FoundStep *)b)->step;
    double change = ABS(one->after - one->before), other_change = ABS(other->after - other->before);
    return (change < other_change) - (change > other_change);
}

/* The run of that number, or NULL. */
static const HistoryRun *find_run(const GPtrArray *runs, gint64 number) {
    for (guint i = 0; i < runs->len; i++)
        if (((const HistoryRun *)runs->pdata[i])->run == number) return runs->pdata[i];
    return NULL;
}

static void print_step(const FoundStep *found, const GPtrArray *runs, const Term *term) {
    const Step *step = &found->step;
    const HistoryPoint *point = &g_array_index(found->series->points, HistoryPoint, step->at);
    const HistoryRun *run = find_run(runs, point->run);
    gboolean is_slower = step->after > step->before;
    g_autofree char *name = perf_series_name(found->series);
    g_autofree char *before = perf_format_value(step->before);
    g_autofree char *after = perf_format_value(step->after);
    g_autofree char *sure =
        perf_flags.icount ? g_strdup("exact") : g_strdup_printf("p=%.4f", step->p);
    printf("%s%-7s%s %6" G_GINT64_FORMAT "  %-19.19s %-12s %12s %12s %+7.1f%% %9s  %s\n",
           term_style(term, is_slower ? TERM_RED : TERM_GREEN), is_slower ? "slower" : "faster",
           term_style(term, TERM_PLAIN), point->run, run ? run->time : "",
           run && run->label ? run->label : "", before, after,
           step->before > 0 ? 100 * (step->after / step->before - 1) : 0.0, sure, name);
}

static void add_steps(HistorySeries *series, GArray *found) {
    g_autofree double *values = perf_point_values(series);
    g_autoptr(GArray) steps = steps_find(values, series->points->len, perf_flags.icount);
    for (guint i = 0; i < steps->len; i++) {
        FoundStep row = {series, g_array_index(steps, Step, i)};
        g_array_append_val(found, row);
    }
}

int perf_steps(History *history, const char *const *arguments, GError **error) {
    const char *glob = arguments[0] ? arguments[0] : "*";
    g_autoptr(GPtrArray) all = perf_load_series(history, glob, perf_everything(), error);
    g_autoptr(GPtrArray) runs = all ? history_runs(history, G_MAXINT, error) : NULL;
    if (!runs) return -1;
    g_autoptr(GArray) found = g_array_new(FALSE, FALSE, sizeof(FoundStep));
    for (guint i = 0; i < all->len; i++)
        add_steps(all->pdata[i], found);
    g_array_sort(found, compare_steps);
    Term term = term_detect(stdout, perf_flags.color);
    if (found->len > 0)
        printf("%-7s %6s  %-19s %-12s %12s %12s %8s %9s  %s (medians, %s)\n", "step", "run", "time",
               "label", "before", "after", "by", "sure", "case, program", perf_unit());
    for (guint i = 0; i < perf_shown_rows(found->len); i++)
        print_step(&g_array_index(found, FoundStep, i), runs, &term);
    perf_print_left_out(found->len, "steps");
    printf("%u steps in %u series\n", found->len, all->len);
    return EXIT_PASSED;
}
