#include "report/report.h"
#include "base/error.h"
#include "base/fdio.h"
#include "report/report_html.h"
#include "report/report_json.h"
#include "report/report_junit.h"
#include "report/report_tap.h"
#include "report/report_text.h"
#include <errno.h>
#include <fcntl.h>
#include <stdio.h>
#include <string.h>
#include <sys/stat.h>
#include <unistd.h>

const char *const report_names[] = {"text", "junit", "tap", "json", "html", NULL};
G_STATIC_ASSERT(G_N_ELEMENTS(report_names) == REPORT_FORMATS + 1);

static void (*const writers[])(const Record *record, GString *out) = {
    report_text, report_junit, report_tap, report_json, report_html};
G_STATIC_ASSERT(G_N_ELEMENTS(writers) == REPORT_FORMATS);

GString *report_make(ReportKind kind, const Record *record) {
    GString *out = g_string_new(NULL);
    writers[kind](record, out);
    return out;
}

/* A pipe or a device is written to as it is. */
static gboolean save_stream(const char *file, const GString *text, GError **error) {
    if (strcmp(file, "-") == 0) {
        /* Whether it arrives main finds out at the end. */
        fwrite(text->str, 1, text->len, stdout);
        return TRUE;
    }
    int fd = open(file, O_WRONLY | O_CLOEXEC);
    if (fd < 0) return error_set_errno(error, errno, "open");
    gboolean done = fdio_write(fd, text->str, text->len, error);
    fdio_clear(&fd);
    return done;
}

gboolean report_save(ReportKind kind, const Record *record, const char *file, GError **error) {
    GString *text = report_make(kind, record);
    struct stat status;
    gboolean stream =
        strcmp(file, "-") == 0 || (stat(file, &status) == 0 && !S_ISREG(status.st_mode));
    GError *failed = NULL;
    if (stream)
        save_stream(file, text, &failed);
    else
        g_file_set_contents(file, text->str, (gssize)text->len, &failed);
    g_string_free(text, TRUE);
    if (!failed) return TRUE;
    g_set_error(error, HARNESS_ERROR, HARNESS_ERROR_IO, "cannot write the %s report to %s: %s",
                report_names[kind], file, failed->message);
    g_error_free(failed);
    return FALSE;
}
