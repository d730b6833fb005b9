/*
 * Compares the costs of runs: two samples of a series, by medians and a rank test, so that a single
 * slow moment of the machine does not count. Pure functions of numbers.
 */
#pragma once
#include "history/history.h"

/* With 4 runs on each side even samples that do not overlap give p = 0.029, with 5 0.008. */
#define PERF_RUNS_MIN 5
/* The significance level of a difference. */
#define PERF_SURE 0.01
/* Medians this close are the same if the test finds no difference. */
#define PERF_SAME_RATIO 0.05

typedef enum {
    PERF_SAME,   /* no significant and no large difference */
    PERF_UNSURE, /* the medians differ, but it may be chance */
    PERF_FASTER,
    PERF_SLOWER,
    PERF_UNKNOWN, /* too few runs */
} PerfChange;

typedef struct {
    guint before_runs, after_runs;
    double before, after; /* medians */
    double ratio;         /* after by before */
    double p;             /* of the rank test; 0 or 1 for exact counts */
    PerfChange change;
} PerfComparison;

/*
 * Compares the points of a series whose run is in `before` with those in `after`. `exact`: the
 * values are instruction counts, the same in every run, so that one run a side is enough and any
 * difference of medians is sure. FALSE if a side has no point.
 */
gboolean perf_compare(const HistorySeries *series, HistoryRange before, HistoryRange after,
                      gboolean exact, PerfComparison *ret);

/* "same", "not sure", "faster", "slower", "too few runs" */
const char *perf_change_name(PerfChange change);

/* A range of runs as users write it: "12", "3..9", "last", "last:5", "..8"; runs are numbered up
 * to `newest`. FALSE if it is not a range. */
gboolean perf_parse_range(const char *text, gint64 newest, HistoryRange *ret);

/* Values as a line of bars, the lowest empty; free with g_free. At most `width` of the newest. */
char *perf_sparkline(const GArray *points, guint width);
