#include "report/report_markdown.h"
#include "base/markup.h"
#include "base/term.h"
#include "base/text.h"
#include "report/digest.h"
#include "report/report_text.h"
#include <string.h>

/* Failed cases shown with details, and bytes of each: GitHub accepts a page of 1 MiB. */
#define DETAILS_MAX       50
#define DETAILS_BYTES_MAX (16 * 1024)
/* Characters of a reason in a table, and programs in the table of the slowest. */
#define REASON_SHOWN 160
#define SLOWEST      10

/* Escapes text for one line of Markdown: CommonMark 0.30, section 2.4, takes a backslash before any
 * punctuation of ASCII. */
static void append_text(GString *out, const char *text) {
    g_autofree char *line = text_line(text);
    for (const char *at = line; *at; at++) {
        if (g_ascii_ispunct(*at)) g_string_append_c(out, '\\');
        g_string_append_c(out, *at);
    }
}

static void append_cell(GString *out, const char *text) {
    g_string_append(out, "| ");
    append_text(out, text);
    g_string_append_c(out, ' ');
}

static void append_gates(GString *out, const Record *record) {
    g_string_append(out, "| gate | passed | failed | skipped | flaky | time |\n"
                         "|---|--:|--:|--:|--:|--:|\n");
    for (guint i = 0; i < record->gates->len; i++) {
        const RecordGate *gate = record->gates->pdata[i];
        RecordTotals totals = record_gate_totals(gate);
        append_cell(out, gate->name);
        g_string_append_printf(out, "| %u | %u | %u | %u | %.2f s |\n",
                               totals.verdicts[VERDICT_PASS], record_failed(&totals),
                               totals.verdicts[VERDICT_SKIP], totals.flaky,
                               (double)totals.attempts_ns / 1e9);
    }
}

/* A block of HTML, which a line of the guest cannot end: its markup is escaped. */
static void append_details(GString *out, const RecordAttempt *attempt) {
    const Term plain = {0};
    g_autoptr(GString) details = g_string_new(NULL);
    report_text_details(details, &plain, attempt);
    g_autofree char *shown = g_utf8_make_valid(details->str, MIN(details->len, DETAILS_BYTES_MAX));
    g_string_append(out, "<details><summary>");
    markup_line(out, attempt->record_case->id);
    g_string_append(out, "</summary>\n\n<pre>\n");
    markup_text(out, shown);
    if (details->len > DETAILS_BYTES_MAX)
        g_string_append_printf(out, "... %" G_GSIZE_FORMAT " bytes omitted\n",
                               details->len - DETAILS_BYTES_MAX);
    g_string_append(out, "</pre>\n</details>\n\n");
}

static gboolean is_failed(const RecordAttempt *result) {
    return result->verdict != VERDICT_PASS && result->verdict != VERDICT_SKIP;
}

static void append_failed(GString *out, const Record *record) {
    g_string_append(out,
                    "\n### Failed cases\n\n| case | verdict | first finding |\n|---|---|---|\n");
    for (guint i = 0; i < record->cases->len; i++) {
        const RecordAttempt *result = record_result(record->cases->pdata[i]);
        if (!is_failed(result)) continue;
        g_autofree char *reason = digest_reason(result, REASON_SHOWN);
        append_cell(out, result->record_case->id);
        append_cell(out, verdict_name(result->verdict));
        append_cell(out, reason);
        g_string_append(out, "|\n");
    }
    g_string_append_c(out, '\n');
    guint shown = 0, left_out = 0;
    for (guint i = 0; i < record->cases->len; i++) {
        const RecordAttempt *result = record_result(record->cases->pdata[i]);
        if (!is_failed(result)) continue;
        if (shown++ < DETAILS_MAX)
            append_details(out, result);
        else
            left_out++;
    }
    if (left_out)
        g_string_append_printf(out, "The details of %u more failed cases are not shown.\n",
                               left_out);
}

static void append_flaky(GString *out, const Record *record) {
    g_string_append(out,
                    "\n### Flaky cases\n\n| case | attempts | first finding |\n|---|--:|---|\n");
    for (guint i = 0; i < record->cases->len; i++) {
        const RecordCase *c = record->cases->pdata[i];
        if (!record_is_flaky(c)) continue;
        g_autofree char *reason = digest_reason(c->attempts->pdata[0], REASON_SHOWN);
        append_cell(out, c->id);
        g_string_append_printf(out, "| %u ", record_result(c)->number);
        append_cell(out, reason);
        g_string_append(out, "|\n");
    }
}

static void append_slowest(GString *out, const Record *record) {
    g_autoptr(GArray) slowest = digest_slowest(record, SLOWEST);
    if (slowest->len == 0) return;
    g_string_append_printf(out,
                           "\n### Slowest programs\n\n| case | program | host ms | %s |\n"
                           "|---|---|--:|--:|\n",
                           record->icount ? "instructions" : "guest ms");
    for (guint i = 0; i < slowest->len; i++) {
        const DigestSpawn *slow = &g_array_index(slowest, DigestSpawn, i);
        g_autofree char *command = record_command(slow->spawn);
        g_autofree char *shown =
            g_utf8_substring(command, 0, MIN(g_utf8_strlen(command, -1), REASON_SHOWN));
        append_cell(out, slow->id);
        append_cell(out, shown);
        g_string_append_printf(out, "| %.2f | %.*f |\n", (double)slow->spawn->host_ns / 1e6,
                               record->icount ? 0 : 2,
                               (double)MAX(slow->spawn->guest_ns, 0) / (record->icount ? 1 : 1e6));
    }
}

void report_markdown(const Record *record, GString *out) {
    RecordTotals totals = record_totals(record);
    g_string_append(out, "## harness: ");
    digest_counts(out, &totals);
    g_string_append_printf(out, " in %.2f s%s\n\n", (double)record->end_at_ns / 1e9,
                           digest_end(record));
    append_gates(out, record);
    if (record_failed(&totals) > 0) append_failed(out, record);
    if (totals.flaky > 0) append_flaky(out, record);
    append_slowest(out, record);
    g_string_append(out, "\nharness ");
    append_text(out, record->harness ? record->harness : "");
    g_string_append(out, ", ");
    append_text(out, record->qemu_version ? record->qemu_version : record->qemu);
    g_string_append_c(out, '\n');
}
