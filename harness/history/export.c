#include "history/export.h"
#include "history/export_rows.h"
#include "history/export_summary.h"
#include <string.h>

const ExportFormat export_formats[] = {
    {"jsonl", "a JSON object for each spawn, for jq and perf import", FALSE, export_jsonl},
    {"csv", "the same as a table (RFC 4180), for spreadsheets and perf import", FALSE, export_csv},
    {"openmetrics", "gauges of OpenMetrics 1.0, for Prometheus", TRUE, export_openmetrics},
    {"github-action-benchmark", "its customSmallerIsBetter, for pages of GitHub", TRUE,
     export_benchmark},
    {"bencher", "Bencher Metric Format, for bencher run --adapter json", TRUE, export_bencher},
    {NULL}};

const char **export_names(void) {
    const char **names = g_new0(const char *, G_N_ELEMENTS(export_formats));
    for (guint i = 0; export_formats[i].name; i++)
        names[i] = export_formats[i].name;
    return names;
}

const ExportFormat *export_find(const char *name) {
    for (const ExportFormat *format = export_formats; format->name; format++)
        if (strcmp(format->name, name) == 0) return format;
    return NULL;
}
