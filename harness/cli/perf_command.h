/* What the actions of `harness perf` share: its options, and how series are chosen and shown. */
#pragma once
#include "cli/command.h"
#include "history/history.h"

/* Runs shown by default; more do not fit a row. */
#define PERF_SHOWN_RUNS 20
/* Rows shown by default: a screen. A full run has thousands. */
#define PERF_TOP_ROWS 20

/* Values of options. */
typedef struct {
    char *history;
    char *machine; /* or NULL */
    gboolean icount;
    int last, top;
    gboolean all;
    char *color;           /* or NULL */
    char *format, *output; /* or NULL */
} PerfFlags;

extern PerfFlags perf_flags;

/* Actions: they return the exit status, or -1 and *error. */
int perf_show(History *history, const char *const *arguments, GError **error);
int perf_runs(History *history, const char *const *arguments, GError **error);
int perf_compare_runs(History *history, const char *const *arguments, GError **error);
int perf_steps(History *history, const char *const *arguments, GError **error);
int perf_plot(History *history, const char *const *arguments, GError **error);
int perf_check(History *history, const char *const *arguments, GError **error);
int perf_export(History *history, const char *const *arguments, GError **error);
int perf_import(History *history, const char *const *arguments, GError **error);
int perf_machines(History *history, const char *const *arguments, GError **error);
int perf_name(History *history, const char *const *arguments, GError **error);
int perf_prune(History *history, const char *const *arguments, GError **error);

/* The names of the actions; ends with NULL. Free the array with g_free. */
const char **perf_action_names(void);

/* All runs of the chosen machine. */
HistoryRange perf_everything(void);

/* Parses a range of runs from the command line. FALSE and *error. */
gboolean perf_find_range(History *history, const char *text, HistoryRange *ret, GError **error);

/* The series of cases that match `glob`; NULL and *error, also if there is none. */
GPtrArray *perf_load_series(History *history, const char *glob, HistoryRange range, GError **error);

/* "CASE  PROGRAM" on one line; free with g_free. */
char *perf_series_name(const HistorySeries *series);

/* "12.345" in milliseconds, "4288" instructions; free with g_free. */
char *perf_format_value(double value);

/* "instructions" or "ms" */
const char *perf_unit(void);

/* Keeps the newest points, according to --last. */
void perf_keep_last(HistorySeries *series);

/* The values of its points; free with g_free. */
double *perf_point_values(const HistorySeries *series);

/* The number of rows to show of `count`, and a line about the others, if any. */
guint perf_shown_rows(guint count);
void perf_print_left_out(guint count, const char *of_what);
