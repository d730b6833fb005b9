#include "report/report.h"
#include "base/error.h"
#include "base/fdio.h"
#include "report/report_annotations.h"
#include "report/report_html.h"
#include "report/report_json.h"
#include "report/report_junit.h"
#include "report/report_markdown.h"
#include "report/report_tap.h"
#include "report/report_text.h"
#include <errno.h>
#include <fcntl.h>
#include <stdio.h>
#include <string.h>
#include <sys/stat.h>
#include <unistd.h>

const ReportFormat report_formats[] = {
    {"text", "Show the run as text", .is_shown = TRUE, .write = report_text},
    {"junit", "Write a JUnit XML report", .write = report_junit},
    {"tap", "Write a TAP 14 report", .write = report_tap},
    {"json", "Write a JSON report", .write = report_json},
    {"html", "Write an HTML report", .write = report_html},
    {"markdown", "Write a Markdown summary, as run does if GITHUB_STEP_SUMMARY is set",
     .file_variable = "GITHUB_STEP_SUMMARY", .write = report_markdown},
    {"annotations", "Write GitHub's annotations, as run does if GITHUB_ACTIONS is set",
     .shown_variable = "GITHUB_ACTIONS", .write = report_annotations},
    {NULL}};
G_STATIC_ASSERT(G_N_ELEMENTS(report_formats) <= REPORT_FORMATS_MAX);

const ReportFormat *report_find(const char *name) {
    for (const ReportFormat *format = report_formats; format->name; format++)
        if (strcmp(format->name, name) == 0) return format;
    return NULL;
}

const char **report_names(void) {
    const char **names = g_new0(const char *, G_N_ELEMENTS(report_formats));
    for (guint i = 0; report_formats[i].name; i++)
        names[i] = report_formats[i].name;
    return names;
}

GString *report_make(const ReportFormat *format, const Record *record) {
    GString *out = g_string_new(NULL);
    format->write(record, out);
    return out;
}

/* Writes to an existing file, or with O_CREAT in `flags` to a new one. */
static gboolean write_open(const char *file, int flags, const GString *text, GError **error) {
    int fd = open(file, O_WRONLY | O_CLOEXEC | flags, 0666);
    if (fd < 0) return error_set_errno(error, errno, "open");
    gboolean done = fdio_write(fd, text->str, text->len, error);
    fdio_clear(&fd);
    return done;
}

static gboolean is_stream(const char *file) {
    struct stat status;
    return strcmp(file, "-") == 0 || (stat(file, &status) == 0 && !S_ISREG(status.st_mode));
}

/* Pipes and devices are written to directly. */
static gboolean save_stream(const char *file, const GString *text, GError **error) {
    if (strcmp(file, "-") != 0) return write_open(file, 0, text, error);
    /* main checks at the end whether it was written. */
    fwrite(text->str, 1, text->len, stdout);
    return TRUE;
}

static gboolean check_written(const ReportFormat *format, const char *file, GError *failed,
                              GError **error) {
    if (!failed) return TRUE;
    g_set_error(error, HARNESS_ERROR, HARNESS_ERROR_IO, "cannot write the %s report to %s: %s",
                format->name, file, failed->message);
    g_error_free(failed);
    return FALSE;
}

gboolean report_save(const ReportFormat *format, const Record *record, const char *file,
                     GError **error) {
    GString *text = report_make(format, record);
    GError *failed = NULL;
    if (is_stream(file))
        save_stream(file, text, &failed);
    else
        g_file_set_contents(file, text->str, (gssize)text->len, &failed);
    g_string_free(text, TRUE);
    return check_written(format, file, failed, error);
}

gboolean report_append(const ReportFormat *format, const Record *record, const char *file,
                       GError **error) {
    GString *text = report_make(format, record);
    GError *failed = NULL;
    write_open(file, O_CREAT | O_APPEND, text, &failed);
    g_string_free(text, TRUE);
    return check_written(format, file, failed, error);
}
