#include "history/perf.h"
#include "base/stats.h"
#include <stdlib.h>
#include <string.h>

/* The values of the points in a range; free with g_free. */
static double *take(const HistorySeries *series, HistoryRange range, guint *ret_count) {
    double *values = g_new(double, series->points->len + 1);
    *ret_count = 0;
    for (guint i = 0; i < series->points->len; i++) {
        const HistoryPoint *point = &g_array_index(series->points, HistoryPoint, i);
        if (point->run >= range.first && point->run <= range.last)
            values[(*ret_count)++] = point->value;
    }
    return values;
}

static PerfChange judge(const PerfComparison *c, gboolean exact) {
    guint least = MIN(c->before_runs, c->after_runs);
    if (!exact && least < PERF_RUNS_MIN) return PERF_UNKNOWN;
    if (c->p >= PERF_SURE) {
        gboolean near = c->ratio >= 1 - PERF_SAME_RATIO && c->ratio <= 1 + PERF_SAME_RATIO;
        return near ? PERF_SAME : PERF_UNSURE;
    }
    return c->after > c->before ? PERF_SLOWER : c->after < c->before ? PERF_FASTER : PERF_SAME;
}

gboolean perf_compare(const HistorySeries *series, HistoryRange before, HistoryRange after,
                      gboolean exact, PerfComparison *ret) {
    PerfComparison c = {0};
    g_autofree double *a = take(series, before, &c.before_runs);
    g_autofree double *b = take(series, after, &c.after_runs);
    if (c.before_runs == 0 || c.after_runs == 0) return FALSE;
    c.before = stats_median(a, c.before_runs);
    c.after = stats_median(b, c.after_runs);
    c.ratio = c.before > 0 ? c.after / c.before : 1;
    c.p = exact ? !(c.after < c.before || c.after > c.before)
                : stats_rank_test(a, c.before_runs, b, c.after_runs);
    c.change = judge(&c, exact);
    *ret = c;
    return TRUE;
}

const char *perf_change_name(PerfChange change) {
    static const char *const names[] = {"same", "not sure", "faster", "slower", "too few runs"};
    return names[change];
}

static gboolean parse_run(const char *text, gint64 *ret) {
    return g_ascii_string_to_signed(text, 10, 1, G_MAXINT64, ret, NULL);
}

gboolean perf_parse_range(const char *text, gint64 newest, HistoryRange *ret) {
    HistoryRange range = {1, newest};
    gint64 count = 1;
    if (strcmp(text, "last") == 0 || g_str_has_prefix(text, "last:")) {
        if (text[4] && !parse_run(text + 5, &count)) return FALSE;
        range.first = newest - count + 1;
        *ret = range;
        return TRUE;
    }
    const char *dots = strstr(text, "..");
    g_autofree char *from = dots ? g_strndup(text, (gsize)(dots - text)) : g_strdup(text);
    const char *to = dots ? dots + 2 : text;
    if ((*from && !parse_run(from, &range.first)) || (*to && !parse_run(to, &range.last)) ||
        (!*from && !*to) || range.first > range.last)
        return FALSE;
    *ret = range;
    return TRUE;
}

char *perf_sparkline(const GArray *points, guint width) {
    static const char *const bars[] = {"▁", "▂", "▃", "▄", "▅", "▆", "▇", "█"};
    guint from = points->len > width ? points->len - width : 0;
    double least = G_MAXDOUBLE, most = 0;
    for (guint i = from; i < points->len; i++) {
        least = MIN(least, g_array_index(points, HistoryPoint, i).value);
        most = MAX(most, g_array_index(points, HistoryPoint, i).value);
    }
    GString *line = g_string_new(NULL);
    for (guint i = from; i < points->len; i++) {
        double share = most > least
                           ? (g_array_index(points, HistoryPoint, i).value - least) / (most - least)
                           : 0;
        g_string_append(line, bars[(guint)(share * (G_N_ELEMENTS(bars) - 1) + 0.5)]);
    }
    return g_string_free(line, FALSE);
}
