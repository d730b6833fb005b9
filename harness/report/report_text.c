#include "report/report_text.h"
#include "base/text.h"
#include "report/digest.h"
#include <string.h>

/* Lines of the console shown under a case that did not pass. */
#define TAIL_LINES 12
/* Bytes shown of each: a kernel's register line has 600. */
#define LINE_SHOWN 160
/* Spawns named in the summary, and characters of each. */
#define SLOWEST       5
#define COMMAND_SHOWN 100

static TermStyle verdict_style(VerdictKind kind) {
    return kind == VERDICT_PASS ? TERM_GREEN : kind == VERDICT_SKIP ? TERM_YELLOW : TERM_RED;
}

static void append_styled(GString *out, const Term *term, TermStyle style, const char *text) {
    g_string_append_printf(out, "%s%s%s", term_style(term, style), text,
                           term_style(term, TERM_PLAIN));
}

/* ---- One attempt at a case ---- */

/* Appends each line of `text` after `indent`, without empty lines. */
static void append_lines(GString *out, const char *indent, const char *text) {
    if (!text) return;
    g_autofree char *visible = text_visible(text, strlen(text));
    g_auto(GStrv) lines = g_strsplit(visible, "\n", -1);
    for (char **line = lines; *line; line++)
        if (**line) g_string_append_printf(out, "%s%s\n", indent, *line);
}

static void append_findings(GString *out, const RecordAttempt *attempt) {
    for (guint i = 0; i < attempt->findings->len; i++) {
        const RecordFinding *finding = attempt->findings->pdata[i];
        append_lines(out, "    ", finding->text);
        if (finding->expected) append_lines(out, "        expected ", finding->expected);
        if (finding->actual) append_lines(out, "        actual   ", finding->actual);
        append_lines(out, "        ", finding->difference);
    }
}

static void append_diagnosis(GString *out, const Term *term, const char *diagnosis) {
    if (!diagnosis) return;
    g_autofree char *visible = text_visible(diagnosis, strlen(diagnosis));
    g_auto(GStrv) lines = g_strsplit(visible, "\n", -1);
    for (char **line = lines; *line; line++) {
        if (!**line) continue;
        g_string_append(out, "    ");
        append_styled(out, term, **line == ' ' ? TERM_DIM : TERM_PLAIN, *line);
        g_string_append_c(out, '\n');
    }
}

static void append_tail(GString *out, const Term *term, const char *console) {
    g_autofree char *text = text_visible(console, strlen(console));
    const char *at = g_strchomp(text) + strlen(text);
    if (at == text) return;
    guint lines = 0;
    while (at > text && (at[-1] != '\n' || ++lines < TAIL_LINES))
        at--;
    g_string_append_printf(out, "    console%s:\n", at > text ? ", its last lines" : "");
    g_auto(GStrv) shown = g_strsplit(at, "\n", -1);
    for (char **line = shown; *line; line++) {
        g_autofree char *begin =
            g_utf8_substring(*line, 0, MIN(g_utf8_strlen(*line, -1), LINE_SHOWN));
        g_string_append(out, "      ");
        append_styled(out, term, TERM_DIM, "|");
        g_string_append_printf(out, " %s\n", begin);
    }
}

static int id_width(const Record *record) {
    gsize width = 0;
    for (guint i = 0; i < record->cases->len; i++)
        width = MAX(width, strlen(((RecordCase *)record->cases->pdata[i])->id));
    return (int)width;
}

void report_text_left_out(GString *out, const RecordAttempt *attempt) {
    for (guint i = 0; i < attempt->notes->len; i++) {
        const RecordNote *note = attempt->notes->pdata[i];
        gboolean reported = FALSE;
        for (guint n = 0; n < attempt->findings->len; n++)
            reported |=
                g_strcmp0(((RecordFinding *)attempt->findings->pdata[n])->text, note->text) == 0;
        if (note->kind == NOTE_LEFT_OUT && !reported) append_lines(out, "    ", note->text);
    }
}

/* That an equal attempt passed before. */
static void append_flaky(GString *out, const RecordAttempt *attempt) {
    for (guint i = 0; i < attempt->notes->len; i++) {
        const RecordNote *note = attempt->notes->pdata[i];
        if (note->kind != NOTE_FLAKY || !note->text) continue;
        g_autofree char *line = g_strconcat("flaky: ", note->text, NULL);
        append_lines(out, "    ", line);
    }
}

void report_text_details(GString *out, const Term *term, const RecordAttempt *attempt) {
    const RecordCase *c = attempt->record_case;
    append_findings(out, attempt);
    report_text_left_out(out, attempt);
    g_autofree char *kernel = record_other_kernel(attempt);
    g_autofree char *ran_on = kernel ? g_strconcat("kernel: ", kernel, NULL) : NULL;
    if (ran_on) append_lines(out, "    ", ran_on);
    if (record_other_accelerator(attempt))
        g_string_append_printf(out, "    accelerator: %s\n", attempt->accelerator);
    append_flaky(out, attempt);
    append_diagnosis(out, term, attempt->diagnosis);
    append_tail(out, term, attempt->console);
    g_autofree char *command = record_again(c);
    g_autofree char *again = g_strconcat("again: ", command, NULL);
    append_lines(out, "    ", again);
}

/* With a filter of subtests: those that it names. */
static void append_asked(GString *out, const RecordAttempt *attempt) {
    for (guint i = 0; i < attempt->subtests->len; i++) {
        const Result *subtest = attempt->subtests->pdata[i];
        g_string_append_printf(out, "    %-7s ", result_name(subtest->kind));
        if (subtest->host_ns >= 0)
            g_string_append_printf(out, "%8.1f ms", (double)subtest->host_ns / 1e6);
        else
            g_string_append_printf(out, "%11s", "");
        g_string_append_printf(out, "  %s\n", subtest->name);
    }
    if (attempt->subtests->len == 0)
        g_string_append_printf(out, "    no subtest of the filter came; %u others did\n",
                               attempt->other_subtests->len);
}

void report_text_attempt(GString *out, const Term *term, const RecordAttempt *attempt) {
    const RecordCase *c = attempt->record_case;
    g_autofree char *verdict = g_strdup_printf("%-7s", verdict_name(attempt->verdict));
    append_styled(out, term, verdict_style(attempt->verdict), verdict);
    g_string_append_printf(out, " %-*s", id_width(c->record), c->id);
    if (attempt->verdict == VERDICT_SKIP) {
        g_autofree char *reason = text_line(((RecordFinding *)attempt->findings->pdata[0])->text);
        g_string_append_printf(out, "  %s\n", reason);
        return;
    }
    g_string_append_printf(out, "  %8.1f ms", (double)attempt->duration_ns / 1e6);
    g_autofree char *remark = record_remark(attempt);
    if (remark) g_string_append_printf(out, "  %s", remark);
    guint counts[RESULT_KINDS] = {0};
    record_count_subtests(attempt, counts);
    g_autofree char *subtests = record_describe_subtests(counts);
    if (subtests) g_string_append_printf(out, "  %s", subtests);
    if (attempt->number > 1)
        g_string_append_printf(out, "  attempt %u%s", attempt->number,
                               record_is_recording(attempt)
                                   ? ", recording: does not affect the result"
                               : attempt->verdict == VERDICT_PASS ? ": flaky"
                                                                  : "");
    g_string_append_c(out, '\n');
    if (attempt->other_subtests->len > 0) append_asked(out, attempt);
    if (attempt->verdict == VERDICT_PASS) {
        report_text_left_out(out, attempt);
        if (record_is_recording(attempt)) append_diagnosis(out, term, attempt->diagnosis);
        return;
    }
    report_text_details(out, term, attempt);
}

/* A spawned program and its end, on one line. */
static void append_spawn(GString *out, const Term *term, const RecordSpawn *spawn) {
    g_autofree char *command = record_command(spawn);
    g_autofree char *visible = text_line(command);
    g_autofree char *path = text_line(spawn->path);
    g_autofree char *exit = record_exit(spawn);
    g_autofree char *line = g_strdup_printf(
        "%9.2f ms  %s: %s: %s", (double)MAX(spawn->host_ns, 0) / 1e6, path, visible, exit);
    g_string_append(out, "    ");
    append_styled(out, term, TERM_DIM, line);
    g_string_append_c(out, '\n');
}

void report_text_spawns(GString *out, const Term *term, const RecordAttempt *attempt) {
    for (guint i = 0; i < attempt->spawns->len; i++)
        append_spawn(out, term, attempt->spawns->pdata[i]);
}

/* ---- The summary ---- */

static void append_slowest(GString *out, const Record *record, guint spawns) {
    g_autoptr(GArray) slowest = digest_slowest(record, SLOWEST);
    if (slowest->len == 0) return;
    gboolean icount = record->icount;
    g_string_append_printf(out, "\n%s of %u programs   host ms %s\n",
                           icount ? "costliest" : "slowest", spawns,
                           icount ? "instructions" : "    guest ms");
    for (guint i = 0; i < slowest->len; i++) {
        const DigestSpawn *slow = &g_array_index(slowest, DigestSpawn, i);
        g_autofree char *command = record_command(slow->spawn);
        g_autofree char *what = g_strdup_printf("%s  %s: %s", slow->id, slow->spawn->path, command);
        g_autofree char *visible = text_line(what);
        g_autofree char *shown =
            g_utf8_substring(visible, 0, MIN(g_utf8_strlen(visible, -1), COMMAND_SHOWN));
        g_string_append_printf(out, "                       %9.2f %12.*f  %s\n",
                               (double)slow->spawn->host_ns / 1e6, icount ? 0 : 2,
                               (double)MAX(slow->spawn->guest_ns, 0) / (icount ? 1 : 1e6), shown);
    }
}

/* Appends a line for each failed case, to list them all in one place. */
static void append_failed(GString *out, const Term *term, const Record *record) {
    for (guint i = 0; i < record->cases->len; i++) {
        const RecordAttempt *result = record_result(record->cases->pdata[i]);
        if (result->verdict == VERDICT_PASS || result->verdict == VERDICT_SKIP) continue;
        g_autofree char *verdict = g_strdup_printf("%-7s", verdict_name(result->verdict));
        append_styled(out, term, verdict_style(result->verdict), verdict);
        g_autofree char *shown = digest_reason(result, COMMAND_SHOWN);
        g_string_append_printf(out, " %-*s  %s\n", id_width(record), result->record_case->id,
                               shown);
    }
}

void report_text_totals(GString *out, const Term *term, const Record *record) {
    RecordTotals totals = record_totals(record);
    if (record_failed(&totals) > 0) {
        g_string_append(out, "\nfailed cases:\n");
        append_failed(out, term, record);
    }
    g_string_append(out, term_style(term, digest_is_good(&totals) ? TERM_GREEN : TERM_RED));
    digest_counts(out, &totals);
    g_string_append_printf(out, "%s in %.2f s%s\n", term_style(term, TERM_PLAIN),
                           (double)record->end_at_ns / 1e9, digest_end(record));
}

void report_text_summary(GString *out, const Term *term, const Record *record) {
    RecordTotals totals = record_totals(record);
    append_slowest(out, record, totals.spawns);
    g_string_append_c(out, '\n');
    append_lines(out, "harness ", record->harness);
    for (guint i = 0; i < record->gates->len; i++) {
        const RecordGate *gate = record->gates->pdata[i];
        RecordTotals of_gate = record_gate_totals(gate);
        g_string_append(out, "gate ");
        append_styled(out, term, TERM_BOLD, gate->name);
        g_string_append(out, ": ");
        digest_counts(out, &of_gate);
        g_string_append_printf(out, ", %.1f ms\n", (double)of_gate.attempts_ns / 1e6);
    }
    report_text_totals(out, term, record);
}

void report_text(const Record *record, GString *out) {
    const Term plain = {0};
    for (guint i = 0; i < record->ends->len; i++)
        report_text_attempt(out, &plain, record->ends->pdata[i]);
    report_text_summary(out, &plain, record);
}
