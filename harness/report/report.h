/* Reports of a run: each a pure function of its record, described in docs/reports.md. */
#pragma once
#include "record/record.h"

/* A format of reports. Options, help, completion, manual page and tests are generated from its row.
 */
typedef struct {
    const char *name;           /* of `report --format`, and of run's option: "junit" */
    const char *option_help;    /* of that option */
    gboolean is_shown;          /* run always shows it, and has no option for it */
    const char *file_variable;  /* CI variable that names a file to append it to; or NULL */
    const char *shown_variable; /* CI variable that makes run show it if "true"; or NULL */
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
 * Writes it to `file`, "-" for standard output. A regular file is replaced atomically, or not
 * changed. FALSE and *error (HARNESS_ERROR_IO).
 */
gboolean report_save(const ReportFormat *format, const Record *record, const char *file,
                     GError **error);

/* Appends it to `file`, which is created if missing. FALSE and *error (HARNESS_ERROR_IO). */
gboolean report_append(const ReportFormat *format, const Record *record, const char *file,
                       GError **error);
