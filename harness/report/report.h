/* Reports of a run: each a pure function of its record, described in docs/reports.md. */
#pragma once
#include "record/record.h"

/* A format of reports. Options, help, completion, manual page and tests are made from its row. */
typedef struct {
    const char *name;           /* of `report --format`, and of run's option: "junit" */
    const char *option_help;    /* of that option */
    gboolean is_shown;          /* run shows it anyway, and so has no option for it */
    const char *file_variable;  /* of a CI: names a file to append it to; or NULL */
    const char *shown_variable; /* of a CI: where it is "true", run shows it too; or NULL */
    void (*write)(const Record *record, GString *out);
} ReportFormat;

/* All formats, the default one of `report` first; ends with a zero row. */
extern const ReportFormat report_formats[];

/* More than there are rows in report_formats. */
#define REPORT_FORMATS_MAX 16

/* The format of that name, or NULL. */
const ReportFormat *report_find(const char *name);

/* The names of all formats; ends with NULL. Free the array with g_free. */
const char **report_names(void);

/* The report as text. Free with g_string_free. */
GString *report_make(const ReportFormat *format, const Record *record);

/*
 * Writes it to `file`, "-" for standard output. A regular file is replaced at once, or stays as it
 * was. FALSE and *error (HARNESS_ERROR_IO).
 */
gboolean report_save(const ReportFormat *format, const Record *record, const char *file,
                     GError **error);

/* Appends it to `file`, which is made where it is missing. FALSE and *error (HARNESS_ERROR_IO). */
gboolean report_append(const ReportFormat *format, const Record *record, const char *file,
                       GError **error);
