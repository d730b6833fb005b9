/* Reports of a run: each a pure function of its record, described in REPORTS.md. */
#pragma once
#include "record/record.h"

typedef enum { REPORT_TEXT, REPORT_JUNIT, REPORT_TAP, REPORT_JSON, REPORT_HTML } ReportKind;
#define REPORT_FORMATS (REPORT_HTML + 1)

/* Names as the command line gives them, in the order of ReportKind; ends with NULL. */
extern const char *const report_names[];

/* The report as text. Free with g_string_free. */
GString *report_make(ReportKind kind, const Record *record);

/*
 * Writes it to `file`, "-" for standard output. A regular file is replaced at once, or stays as it
 * was. FALSE and *error (HARNESS_ERROR_IO).
 */
gboolean report_save(ReportKind kind, const Record *record, const char *file, GError **error);
