#include "base/error.h"
#include "base/stats.h"
#include "base/term.h"
#include "base/text.h"
#include "base/usage.h"
#include "cli/command.h"
#include "gate/plan.h"
#include "history/perf.h"
#include "history/steps.h"
#include <stdio.h>
#include <string.h>

/* Runs that `check` takes as "now", and the factor for the number of runs "before". */
#define CHECK_RUNS   5
#define CHECK_BEFORE 4
/* Runs shown by default; more do not fit a row. */
#define SHOWN_RUNS 20
/* Rows shown by default: a screen. A full run has thousands. */
#define TOP_ROWS    20
#define PLOT_HEIGHT 12

static struct {
    char *history;
    gboolean icount;
    int last, top;
    gboolean all;
    char *color; /* or NULL */
} flags = {.last = SHOWN_RUNS, .top = TOP_ROWS};

static HistoryRange everything(void) { return (HistoryRange){1, G_MAXINT64}; }

/* The runs of a label, which must be consecutive: runs in between would be counted too. */
static gboolean find_labelled(History *history, const char *label, HistoryRange *ret,
                              GError **error) {
    guint others;
    if (!history_labelled(history, label, ret, &others, error)) return FALSE;
    if (others == 0) return TRUE;
    command_usage(
        error,
        "the runs %" G_GINT64_FORMAT " to %" G_GINT64_FORMAT
        " of label %s have %u other runs between them; give a range of numbers (harness perf runs)",
        ret->first, ret->last, label, others);
    return FALSE;
}

/* Parses a range of runs from the command line. */
static gboolean find_range(History *history, const char *text, HistoryRange *ret, GError **error) {
    gint64 newest = history_newest(history);
    if (perf_parse_range(text, newest, ret)) return TRUE;
    if (history_is_label(text)) return find_labelled(history, text, ret, error);
    command_usage(
        error,
        "\"%s\" is not a range of runs: 12, 3..9, ..8, last, last:5, or a label (the newest is "
        "%" G_GINT64_FORMAT "; harness perf runs shows them)",
        text, newest);
    return FALSE;
}

static char *series_name(const HistorySeries *series) {
    g_autofree char *name = *series->program
                                ? g_strdup_printf("%s  %s", series->case_id, series->program)
                                : g_strdup_printf("%s  (whole run)", series->case_id);
    return text_line(name);
}

/* "12.345 ms", "4288" */
static char *format_value(double value) {
    return flags.icount ? g_strdup_printf("%.0f", value)
                        : g_strdup_printf(value < 10 ? "%.3f" : "%.1f", value);
}

static const char *unit(void) { return flags.icount ? "instructions" : "ms"; }

/* Keeps the newest points, according to --last. */
static void keep_last(HistorySeries *series) {
    guint count = series->points->len;
    if (count > (guint)flags.last)
        g_array_remove_range(series->points, 0, count - (guint)flags.last);
}

static GPtrArray *load_series(History *history, const char *glob, HistoryRange range,
                              GError **error) {
    GPtrArray *all = history_series(history, glob, flags.icount, range, error);
    if (all && all->len == 0) {
        g_set_error(error, HARNESS_ERROR, HARNESS_ERROR_USAGE,
                    "the history has no %s of a case \"%s\" that passed",
                    flags.icount ? "instruction counts" : "times", glob);
        g_clear_pointer(&all, g_ptr_array_unref);
    }
    return all;
}

/* The number of rows to show of `count`. */
static guint shown_rows(guint count) { return flags.all ? count : MIN(count, (guint)flags.top); }

static void print_left_out(guint count, const char *of_what) {
    guint left_out = count - shown_rows(count);
    if (left_out > 0) printf("%u more %s not shown; use --top N or --all\n", left_out, of_what);
}

/* ---- show, runs ---- */

static double *point_values(const HistorySeries *series) {
    double *values = g_new(double, series->points->len);
    for (guint i = 0; i < series->points->len; i++)
        values[i] = g_array_index(series->points, HistoryPoint, i).value;
    return values;
}

/* The costliest first, by its newest run. */
static gint compare_costs(gconstpointer a, gconstpointer b) {
    const HistorySeries *one = *(const HistorySeries *const *)a;
    const HistorySeries *other = *(const HistorySeries *const *)b;
    double cost = g_array_index(one->points, HistoryPoint, one->points->len - 1).value;
    double other_cost = g_array_index(other->points, HistoryPoint, other->points->len - 1).value;
    return (cost < other_cost) - (cost > other_cost);
}

static void show_series(HistorySeries *series) {
    keep_last(series);
    guint count = series->points->len;
    g_autofree double *values = point_values(series);
    double median = stats_median(values, count), least = values[0];
    for (guint i = 1; i < count; i++)
        least = MIN(least, values[i]);
    g_autofree char *name = series_name(series);
    g_autofree char *middle = format_value(median);
    g_autofree char *lowest = format_value(least);
    g_autofree char *newest = format_value(values[count - 1]);
    double stray = median > 0 ? 100 * stats_deviation(values, count) / median : 0;
    g_autofree char *line = perf_sparkline(series->points, SHOWN_RUNS);
    printf("%5u %12s %12s %12s %5.1f%%  %s%*s  %s\n", count, newest, middle, lowest, stray, line,
           (int)(SHOWN_RUNS - MIN(count, SHOWN_RUNS)), "", name);
}

static int show(History *history, const char *const *arguments, GError **error) {
    const char *glob = arguments[0] ? arguments[0] : "*";
    g_autoptr(GPtrArray) all = load_series(history, glob, everything(), error);
    if (!all) return -1;
    printf("%5s %12s %12s %12s %6s  %-*s  %s (%s)\n", "runs", "newest", "median", "least", "stray",
           SHOWN_RUNS, "trend", "case, program", unit());
    g_ptr_array_sort(all, compare_costs);
    for (guint i = 0; i < shown_rows(all->len); i++)
        show_series(all->pdata[i]);
    print_left_out(all->len, "programs");
    return EXIT_PASSED;
}

static int runs(History *history, const char *const *arguments, GError **error) {
    if (arguments[0])
        return command_usage(error, "perf runs takes no arguments; --last N shows more");
    g_autoptr(GPtrArray) all = history_runs(history, (guint)flags.last, error);
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

/* ---- compare ---- */

typedef struct {
    const HistorySeries *series;
    PerfComparison comparison;
} Compared;

static void print_comparison(const Compared *compared, const Term *term) {
    static const TermStyle styles[] = {TERM_PLAIN, TERM_YELLOW, TERM_GREEN, TERM_RED, TERM_DIM};
    G_STATIC_ASSERT(G_N_ELEMENTS(styles) == PERF_UNKNOWN + 1);
    const PerfComparison *c = &compared->comparison;
    g_autofree char *name = series_name(compared->series);
    g_autofree char *before = format_value(c->before);
    g_autofree char *after = format_value(c->after);
    g_autofree char *sure = flags.icount ? g_strdup("exact") : g_strdup_printf("p=%.4f", c->p);
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
    if (!find_range(history, arguments[0], ret_before, error) ||
        !find_range(history, arguments[1], ret_after, error))
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
    Term term = term_detect(stdout, flags.color);
    printf("%-12s %12s %12s %8s %9s %7s  %s (medians, %s)\n", "change", "before", "after", "by",
           "sure", "runs", "case, program", unit());
    g_array_sort(rows, compare_changes);
    for (guint i = 0; i < shown_rows(rows->len); i++)
        print_comparison(&g_array_index(rows, Compared, i), &term);
    print_left_out(rows->len, "rows");
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

static int compare(History *history, const char *const *arguments, GError **error) {
    HistoryRange before, after;
    if (!find_ranges(history, arguments, &before, &after, error)) return -1;
    const char *glob = arguments[2] ? arguments[2] : "*";
    g_autoptr(GPtrArray) all = load_series(history, glob, everything(), error);
    if (!all) return -1;
    g_autoptr(GArray) rows = g_array_new(FALSE, FALSE, sizeof(Compared));
    guint counts[PERF_UNKNOWN + 1] = {0};
    gboolean any = FALSE;
    for (guint i = 0; i < all->len; i++) {
        Compared row = {all->pdata[i], {0}};
        if (!perf_compare(row.series, before, after, flags.icount, &row.comparison)) continue;
        any = TRUE;
        counts[row.comparison.change]++;
        if (flags.all || row.comparison.change == PERF_SLOWER ||
            row.comparison.change == PERF_FASTER)
            g_array_append_val(rows, row);
    }
    if (rows->len > 0) print_changes(rows);
    print_counts(counts, any);
    return EXIT_PASSED;
}

/* ---- steps ---- */

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
    g_autofree char *name = series_name(found->series);
    g_autofree char *before = format_value(step->before);
    g_autofree char *after = format_value(step->after);
    g_autofree char *sure = flags.icount ? g_strdup("exact") : g_strdup_printf("p=%.4f", step->p);
    printf("%s%-7s%s %6" G_GINT64_FORMAT "  %-20.20s %-12s %12s %12s %+7.1f%% %9s  %s\n",
           term_style(term, is_slower ? TERM_RED : TERM_GREEN), is_slower ? "slower" : "faster",
           term_style(term, TERM_PLAIN), point->run, run ? run->time : "",
           run && run->label ? run->label : "", before, after,
           step->before > 0 ? 100 * (step->after / step->before - 1) : 0.0, sure, name);
}

static void add_steps(HistorySeries *series, GArray *found) {
    g_autofree double *values = point_values(series);
    g_autoptr(GArray) steps = steps_find(values, series->points->len, flags.icount);
    for (guint i = 0; i < steps->len; i++) {
        FoundStep row = {series, g_array_index(steps, Step, i)};
        g_array_append_val(found, row);
    }
}

static int find_steps(History *history, const char *const *arguments, GError **error) {
    const char *glob = arguments[0] ? arguments[0] : "*";
    g_autoptr(GPtrArray) all = load_series(history, glob, everything(), error);
    g_autoptr(GPtrArray) runs = all ? history_runs(history, G_MAXINT, error) : NULL;
    if (!runs) return -1;
    g_autoptr(GArray) found = g_array_new(FALSE, FALSE, sizeof(FoundStep));
    for (guint i = 0; i < all->len; i++)
        add_steps(all->pdata[i], found);
    g_array_sort(found, compare_steps);
    Term term = term_detect(stdout, flags.color);
    if (found->len > 0)
        printf("%-7s %6s  %-20s %-12s %12s %12s %8s %9s  %s (medians, %s)\n", "step", "run", "time",
               "label", "before", "after", "by", "sure", "case, program", unit());
    for (guint i = 0; i < shown_rows(found->len); i++)
        print_step(&g_array_index(found, FoundStep, i), runs, &term);
    print_left_out(found->len, "steps");
    printf("%u steps in %u series\n", found->len, all->len);
    return EXIT_PASSED;
}

/* ---- plot ---- */

static void plot_series(HistorySeries *series) {
    keep_last(series);
    guint count = series->points->len;
    g_autofree double *values = point_values(series);
    double least = values[0], most = values[0];
    for (guint i = 1; i < count; i++) {
        least = MIN(least, values[i]);
        most = MAX(most, values[i]);
    }
    /* Bars start at zero, so that changes are to scale. */
    double step = most > 0 ? most / PLOT_HEIGHT : 1;
    g_autofree char *name = series_name(series);
    g_autofree char *low = format_value(least);
    g_autofree char *high = format_value(most);
    printf("%s: %s to %s %s\n", name, low, high, unit());
    for (int row = PLOT_HEIGHT; row > 0; row--) {
        g_autofree char *label = format_value(row * step);
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

static int plot(History *history, const char *const *arguments, GError **error) {
    if (!arguments[0])
        return command_usage(error, "perf plot needs a GATE/CASE: perf plot 'tier1/*'");
    g_autoptr(GPtrArray) all = load_series(history, arguments[0], everything(), error);
    if (!all) return -1;
    for (guint i = 0; i < all->len; i++)
        plot_series(all->pdata[i]);
    return EXIT_PASSED;
}

/* ---- check ---- */

/* The newest runs of a series and those before them. */
static void split(const HistorySeries *series, HistoryRange *ret_before, HistoryRange *ret_after) {
    guint runs_now = flags.icount ? 1 : CHECK_RUNS, count = series->points->len;
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
    if (!perf_compare(series, before, after, flags.icount, &comparison) ||
        comparison.change == PERF_UNKNOWN) {
        counts->unknown++;
        return;
    }
    counts->checked++;
    /* Not significant, but larger than allowed. */
    counts->unsure +=
        comparison.change == PERF_UNSURE && 100 * (comparison.ratio - 1) > limit_percent;
    if (comparison.change != PERF_SLOWER || 100 * (comparison.ratio - 1) <= limit_percent) return;
    g_autofree char *name = series_name(series);
    g_autofree char *then = format_value(comparison.before);
    g_autofree char *now = format_value(comparison.after);
    g_autofree char *sure = flags.icount ? g_strdup("") : g_strdup_printf(", p=%.4f", comparison.p);
    printf("slower   %s: %s %s before, %s now: %+.1f %%, more than the %g %% of its gate%s\n", name,
           then, unit(), now, 100 * (comparison.ratio - 1), limit_percent, sure);
    counts->slower++;
}

static gboolean check_case(History *history, const PlanCase *planned, CheckCounts *counts,
                           GError **error) {
    g_autoptr(GPtrArray) all =
        history_series(history, planned->id, flags.icount, everything(), error);
    if (!all) return FALSE;
    for (guint i = 0; i < all->len; i++)
        check_series(all->pdata[i], planned->gate_case->slower_percent, counts);
    counts->unknown += all->len == 0;
    return TRUE;
}

static int check(History *history, const char *const *arguments, GError **error) {
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

/* ---- export ---- */

static void print_line(gpointer data, const char *line) {
    (void)data;
    puts(line);
}

static int export(History *history, const char *const *arguments, GError **error) {
    HistoryRange range = everything();
    if (arguments[0] && !find_range(history, arguments[0], &range, error)) return -1;
    return history_export(history, range, print_line, NULL, error) ? EXIT_PASSED : -1;
}

/* ---- prune ---- */

static int prune(History *history, const char *const *arguments, GError **error) {
    guint64 keep;
    guint removed;
    if (!arguments[0] || arguments[1] ||
        !g_ascii_string_to_unsigned(arguments[0], 10, 1, G_MAXUINT, &keep, NULL))
        return command_usage(error, "perf prune needs the number of newest runs to keep, at least "
                                    "one: perf prune 200");
    if (!history_prune(history, (guint)keep, &removed, error)) return -1;
    printf("removed %u runs\n", removed);
    return EXIT_PASSED;
}

/* ---- The command ---- */

static const struct {
    const char *name;
    int (*run)(History *history, const char *const *arguments, GError **error);
} actions[] = {{"show", show}, {"runs", runs},   {"compare", compare}, {"steps", find_steps},
               {"plot", plot}, {"check", check}, {"export", export},   {"prune", prune}};

static int run(const Command *const *commands, const char *const *arguments, GError **error) {
    (void)commands;
    const char *names[G_N_ELEMENTS(actions) + 1] = {NULL};
    for (guint i = 0; i < G_N_ELEMENTS(actions); i++)
        names[i] = actions[i].name;
    if (!term_check_when(flags.color, error)) return -1;
    if (flags.top < 1) return command_usage(error, "--top must be a number of rows, at least one");
    if (flags.last < 1)
        return command_usage(error, "--last must be a number of runs, at least one");
    for (guint i = 0; arguments[0] && i < G_N_ELEMENTS(actions); i++) {
        if (strcmp(arguments[0], actions[i].name) != 0) continue;
        g_autofree char *path = history_path(NULL, flags.history);
        if (!path)
            return command_usage(error, "HARNESS_HISTORY is empty; name a history with --history");
        g_autoptr(History) history = history_open(path, FALSE, error);
        return history ? actions[i].run(history, arguments + 1, error) : -1;
    }
    g_autofree char *all = g_strjoinv(", ", (char **)names);
    g_autofree char *what = g_strconcat("perf needs one of ", all, NULL);
    usage_unknown(error, what, arguments[0] ? arguments[0] : "", names);
    return -1;
}

static const GOptionEntry options[] = {
    {"history", 0, 0, G_OPTION_ARG_FILENAME, &flags.history, "The history (" HISTORY_FILE ")",
     "FILE"},
    {"icount", 0, 0, G_OPTION_ARG_NONE, &flags.icount,
     "Use the instruction counts of runs with --icount instead of times", NULL},
    {"last", 'n', 0, G_OPTION_ARG_INT, &flags.last, "Show the newest N runs (20)", "N"},
    {"top", 't', 0, G_OPTION_ARG_INT, &flags.top,
     "Show the N costliest programs, or largest changes (20)", "N"},
    {"all", 'a', 0, G_OPTION_ARG_NONE, &flags.all, "Show every program, also unchanged ones", NULL},
    {"color", 0, 0, G_OPTION_ARG_STRING, &flags.color,
     "always, never or auto: on a terminal, unless NO_COLOR or FORCE_COLOR is set (auto)", "WHEN"},
    {NULL}};

const Command command_perf = {
    .name = "perf",
    .arguments = "ACTION ...",
    .summary = "Show and compare the costs of spawned programs over all runs",
    .description =
        "  show [GLOB]                    the costliest programs: newest, median, least, trend\n"
        "  runs                           the runs in the history, with their numbers\n"
        "  compare BEFORE AFTER [GLOB]    changes of medians between two ranges of runs, "
        "and\n"
        "                                 how sure that is\n"
        "  steps [GLOB]                   where programs became slower or faster: the run, by how\n"
        "                                 much, and how sure that is\n"
        "  plot GLOB                      a bar for each run\n"
        "  check GATE...                  fail if a case became slower than its gate allows\n"
        "  export [RANGE]                 a JSON line for each spawn, for jq\n"
        "  prune KEEP                     remove all but the newest KEEP runs\n\n"
        "GLOB matches GATE/CASE. A range is 12, 3..9, ..8, last, last:5, or a name given by\n"
        "run --label. Of a program that a case spawns more than once in a run, the mean\n"
        "is taken. A step is found by the rank test at the best place of a series and a test of\n"
        "399 random orders (p < 0.01), with at least 5 runs a side and 2 % between the medians;\n"
        "of instruction counts every change is one. A difference counts as a change if a rank "
        "test\n"
        "(Mann-Whitney) gives p < 0.01; that needs 5 runs on each side, which --repeat makes.\n"
        "\"Not sure\" are medians more than 5 % apart that may differ by chance.\n"
        "check compares the newest 5 runs with up to 20 before them; with --icount the newest one\n"
        "with 4 before it, exactly.\n\n"
        "Exit status: 0; 1 check found a case slower; 2 usage; 3 no history.",
    .options = options,
    .run = run,
};
