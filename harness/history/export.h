/* What of a history leaves it, in formats that others read; docs/perf.md describes them. */
#pragma once
#include "history/history.h"

typedef struct {
    History *history;
    HistoryRange range;
    gboolean icount; /* of formats that summarize: instructions instead of times */
    void (*line)(gpointer data, const char *line); /* takes each line, without its end */
    gpointer data;
} Export;

/*
 * The formats, the default one first: FORMAT(name, what it is, whether it has a value for each
 * program, of the newest run if none is named, else a row for each spawn, of all runs; writer).
 * Help, manual page, completion and tests are made from these rows.
 */
#define EXPORT_FORMATS(FORMAT)                                                                   \
    FORMAT("jsonl", "a JSON object for each spawn, for jq and perf import", FALSE, export_jsonl) \
    FORMAT("csv", "the same as a table (RFC 4180), for spreadsheets and perf import", FALSE,     \
           export_csv)                                                                           \
    FORMAT("openmetrics", "gauges of OpenMetrics 1.0, for Prometheus", TRUE, export_openmetrics) \
    FORMAT("github-action-benchmark", "its customSmallerIsBetter, for charts on GitHub", TRUE,   \
           export_benchmark)                                                                     \
    FORMAT("bencher", "Bencher Metric Format, for bencher run --adapter json", TRUE, export_bencher)

typedef struct {
    const char *name; /* of `perf export --format` */
    gboolean is_summary;
    gboolean (*write)(const Export *export, GError **error);
} ExportFormat;

/* The rows above; ends with a zero row. */
extern const ExportFormat export_formats[];

/* The names of all formats; ends with NULL. Free the array with g_free. */
const char **export_names(void);

/* The format of that name, or NULL. */
const ExportFormat *export_find(const char *name);
