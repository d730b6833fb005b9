#include "report/report_terminal.h"
#include "base/text.h"
#include "report/report_live.h"
#include "report/report_text.h"

struct _ReportTerminal {
    Term term;
    ReportLive *live;
    ReportTerminalOptions options;
    gboolean in_line;       /* of program output */
    const PlanCase *talker; /* whose program printed last */
    GByteArray *unfinished; /* of its output: the beginning of a character */
};

ReportTerminal *report_terminal_new(FILE *out, guint case_count,
                                    const ReportTerminalOptions *options) {
    ReportTerminal *report = g_new0(ReportTerminal, 1);
    report->term = term_detect(out, options->color);
    report->live = report_live_new(&report->term, case_count, options->jobs, options->progress_s);
    report->options = *options;
    report->unfinished = g_byte_array_new();
    return report;
}

void report_terminal_free(ReportTerminal *report) {
    report_live_free(report->live);
    g_byte_array_unref(report->unfinished);
    g_free(report);
}

gboolean report_terminal_is_live(const ReportTerminal *report) { return report->term.live; }

void report_terminal_expect(ReportTerminal *report, const PlanCase *planned, gint64 expected_ns) {
    report_live_expect(report->live, planned, expected_ns);
}

void report_terminal_started(ReportTerminal *report, const PlanCase *planned) {
    report_live_started(report->live, planned);
}

void report_terminal_event(ReportTerminal *report, const PlanCase *planned, const Event *event) {
    if (event->kind == EVENT_LINE && event->kernel_line.kind == LINE_SPAWN)
        report_live_spawn(report->live, planned, event->kernel_line.spawn.argv);
    else if (event->kind == EVENT_FILE)
        report_live_file(report->live, planned, event->text);
}

/* Prefixes each line with its case, since several run at once. */
static void show(ReportTerminal *report, const guint8 *text, gsize length) {
    g_autofree char *visible = text_visible((const char *)text, length);
    g_auto(GStrv) lines = g_strsplit(visible, "\n", -1);
    for (char **line = lines; *line; line++) {
        gboolean last = !line[1];
        if (last && !**line) break;
        if (!report->in_line) {
            fputs(term_style(&report->term, TERM_DIM), report->term.out);
            fprintf(report->term.out, "%s |%s ", report->talker->id,
                    term_style(&report->term, TERM_PLAIN));
        }
        fprintf(report->term.out, "%s%s", *line, last ? "" : "\n");
        report->in_line = last;
    }
}

/* An incomplete character is shown as bytes. */
static void show_unfinished(ReportTerminal *report) {
    show(report, report->unfinished->data, report->unfinished->len);
    g_byte_array_set_size(report->unfinished, 0);
}

/* Ends an unfinished line of program output. */
static void end_line(ReportTerminal *report) {
    show_unfinished(report);
    if (report->in_line) fputc('\n', report->term.out);
    report->in_line = FALSE;
}

void report_terminal_text(ReportTerminal *report, const PlanCase *planned, const guint8 *text,
                          gsize length) {
    if (!report->options.console || length == 0) return;
    report_live_clear(report->live);
    if (report->talker != planned) end_line(report);
    report->talker = planned;
    g_byte_array_append(report->unfinished, text, (guint)length);
    gsize whole = report->unfinished->len -
                  text_unfinished(report->unfinished->data, report->unfinished->len);
    show(report, report->unfinished->data, whole);
    g_byte_array_remove_range(report->unfinished, 0, (guint)whole);
    if (!report->in_line) fflush(report->term.out);
}

static void print(const ReportTerminal *report, GString *text) {
    fputs(text->str, report->term.out);
    fflush(report->term.out);
    g_string_free(text, TRUE);
}

void report_terminal_ended(ReportTerminal *report, const PlanCase *planned,
                           const RecordAttempt *attempt, gboolean will_retry) {
    GString *text = g_string_new(NULL);
    report_live_ended(report->live, planned, will_retry);
    report_live_clear(report->live);
    end_line(report);
    if (!report->options.quiet || attempt->verdict != VERDICT_PASS)
        report_text_attempt(text, &report->term, attempt);
    if (report->options.verbose) report_text_spawns(text, &report->term, attempt);
    print(report, text);
    report_live_draw(report->live);
}

void report_terminal_summary(ReportTerminal *report, const Record *record) {
    GString *text = g_string_new(NULL);
    report_live_clear(report->live);
    if (report->options.quiet)
        report_text_totals(text, &report->term, record);
    else
        report_text_summary(text, &report->term, record);
    print(report, text);
}
