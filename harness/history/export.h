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

/* A format. Options, help, completion, manual page and tests are made from its row. */
typedef struct {
    const char *name;    /* of `perf export --format` */
    const char *help;    /* what it holds, for whom */
    gboolean is_summary; /* a value for each program, of the newest run if none is named; else
                            a row for each spawn, of all runs */
    gboolean (*write)(const Export *export, GError **error);
} ExportFormat;

/* All formats, the default one first; ends with a zero row. */
extern const ExportFormat export_formats[];

/* The names of all formats; ends with NULL. Free the array with g_free. */
const char **export_names(void);

/* The format of that name, or NULL. */
const ExportFormat *export_find(const char *name);
