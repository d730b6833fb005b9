#include "base/diag.h"
#include "cli/command.h"
#include "history/trend.h"
#include "record/journal_store.h"
#include "record/record_read.h"
#include "report/report.h"
#include <stdio.h>
#include <string.h>

static struct {
    char *format;
    char *output;
} flags;

static const ReportFormat *find_format(const char *name, GError **error) {
    const ReportFormat *format = name ? report_find(name) : report_formats;
    if (format) return format;
    g_autofree const char **names = report_names();
    /* Other tools call JUnit XML by its second name. */
    const char *near = strcmp(name, "xml") == 0 ? "junit" : diag_nearest(name, names);
    g_autofree char *all = g_strjoinv(", ", (char **)names);
    command_usage(error, "unknown format \"%s\"%s%s%s; known formats are %s", name,
                  near ? "; did you mean \"" : "", near ? near : "", near ? "\"?" : "", all);
    return NULL;
}

/* The trend is optional. */
static void fill_trend(Record *record) {
    g_autoptr(GError) error = NULL;
    g_autofree char *path = history_path(NULL, NULL);
    if (!path || !g_file_test(path, G_FILE_TEST_EXISTS)) return;
    g_autoptr(History) history = history_open(path, FALSE, &error);
    if (!history || !trend_fill(record, history, &error))
        fprintf(stderr, "harness: the report shows no trend: %s\n", error->message);
}

static int run(const Command *const *commands, const char *const *arguments, GError **error) {
    (void)commands;
    if (arguments[0] && arguments[1])
        return command_usage(error, "report takes at most one JOURNAL");
    const ReportFormat *format = find_format(flags.format, error);
    if (!format) return -1;
    g_autofree char *journal =
        arguments[0] ? g_strdup(arguments[0]) : journal_store_newest("build/journal", error);
    g_autoptr(Record) record = journal ? record_load(journal, error) : NULL;
    if (record) fill_trend(record);
    if (!record || !report_save(format, record, flags.output ? flags.output : "-", error))
        return -1;
    return EXIT_PASSED;
}

static const GOptionEntry options[] = {
    {"format", 'f', 0, G_OPTION_ARG_STRING, &flags.format,
     "Format of the report (text); completion and errors list all", "FORMAT"},
    {"output", 'o', 0, G_OPTION_ARG_FILENAME, &flags.output,
     "Write the report to FILE (standard output)", "FILE"},
    {NULL}};

const Command command_report = {
    .name = "report",
    .arguments = "[JOURNAL]",
    .summary = "Make a report from the journal of a run",
    .description =
        "Without JOURNAL, reads the newest in build/journal. A journal may be truncated, as a kill "
        "of\n"
        "the harness leaves it: cases that had not ended are then shown as skipped.\n\n"
        "Exit status: 0 the report was made, whatever the verdicts; 2 usage; 3 the journal is\n"
        "invalid or the report could not be written.",
    .options = options,
    .run = run,
};
