#include "base/error.h"
#include "base/text.h"
#include "cli/perf_command.h"
#include "history/perf.h"
#include <stdio.h>
#include <string.h>

PerfFlags perf_flags = {.last = PERF_SHOWN_RUNS, .top = PERF_TOP_ROWS};

HistoryRange perf_everything(void) { return (HistoryRange){1, G_MAXINT64}; }

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
gboolean perf_find_range(History *history, const char *text, HistoryRange *ret, GError **error) {
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

char *perf_series_name(const HistorySeries *series) {
    g_autofree char *name = *series->program
                                ? g_strdup_printf("%s  %s", series->case_id, series->program)
                                : g_strdup_printf("%s  (whole run)", series->case_id);
    return text_line(name);
}

/* "12.345 ms", "4288" */
char *perf_format_value(double value) {
    return perf_flags.icount ? g_strdup_printf("%.0f", value)
                             : g_strdup_printf(value < 10 ? "%.3f" : "%.1f", value);
}

const char *perf_unit(void) { return perf_flags.icount ? "instructions" : "ms"; }

/* Keeps the newest points, according to --last. */
void perf_keep_last(HistorySeries *series) {
    guint count = series->points->len;
    if (count > (guint)perf_flags.last)
        g_array_remove_range(series->points, 0, count - (guint)perf_flags.last);
}

GPtrArray *perf_load_series(History *history, const char *glob, HistoryRange range,
                            GError **error) {
    GPtrArray *all = history_series(history, glob, perf_flags.icount, range, error);
    if (all && all->len == 0) {
        g_set_error(error, HARNESS_ERROR, HARNESS_ERROR_USAGE,
                    "the history has no %s of a case \"%s\" that passed",
                    perf_flags.icount ? "instruction counts" : "times", glob);
        g_clear_pointer(&all, g_ptr_array_unref);
    }
    return all;
}

/* The number of rows to show of `count`. */
guint perf_shown_rows(guint count) {
    return perf_flags.all ? count : MIN(count, (guint)perf_flags.top);
}

void perf_print_left_out(guint count, const char *of_what) {
    guint left_out = count - perf_shown_rows(count);
    if (left_out > 0) printf("%u more %s not shown; use --top N or --all\n", left_out, of_what);
}

double *perf_point_values(const HistorySeries *series) {
    double *values = g_new(double, series->points->len);
    for (guint i = 0; i < series->points->len; i++)
        values[i] = g_array_index(series->points, HistoryPoint, i).value;
    return values;
}
