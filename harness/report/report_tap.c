#include "report/report_tap.h"
#include "base/json_out.h"
#include "base/text.h"
#include <string.h>

/* The last lines of the console in a diagnostic block; JUnit, JSON and HTML have all of it. */
#define CONSOLE_LINES 20

/* A string of JSON is one of YAML 1.2, double-quoted, on one line. */
static void append_quoted(GString *out, const char *text) {
    g_autofree char *visible = text_visible(text, strlen(text));
    g_autoptr(GString) quoted = g_string_new(NULL);
    json_out_text(quoted, NULL, visible);
    g_string_append(out, quoted->str);
}

static void append_member(GString *out, const char *indent, const char *name, const char *text) {
    if (!text) return;
    g_string_append_printf(out, "%s%s: ", indent, name);
    append_quoted(out, text);
    g_string_append_c(out, '\n');
}

/* The last `most` lines of `text` as a list of strings: only quoted strings can hold any text. */
static void append_list(GString *out, const char *indent, const char *name, const char *text,
                        guint most) {
    g_autofree char *copy = g_strchomp(g_strdup(text ? text : ""));
    if (!*copy) return;
    g_auto(GStrv) lines = g_strsplit(copy, "\n", -1);
    guint count = g_strv_length(lines);
    g_string_append_printf(out, "%s%s:\n", indent, name);
    for (guint i = count - MIN(count, most); i < count; i++) {
        g_string_append_printf(out, "%s  - ", indent);
        append_quoted(out, lines[i]);
        g_string_append_c(out, '\n');
    }
}

/* One attempt that did not pass, as members of a YAML mapping. */
static void append_attempt(GString *out, const char *indent, const RecordAttempt *attempt) {
    const RecordFinding *first = attempt->findings->pdata[0];
    append_member(out, indent, "message", first->text);
    append_member(out, indent, "severity", verdict_name(attempt->verdict));
    g_string_append_printf(out, "%sduration_ms: %.3f\n", indent,
                           (double)attempt->duration_ns / 1e6);
    g_autofree char *inner = g_strconcat(indent, "    ", NULL);
    g_string_append_printf(out, "%sfindings:\n", indent);
    for (guint i = 0; i < attempt->findings->len; i++) {
        const RecordFinding *finding = attempt->findings->pdata[i];
        g_string_append_printf(out, "%s  - ", indent);
        append_member(out, "", "text", finding->text);
        append_member(out, inner, "file", finding->guest_path);
        append_member(out, inner, "expected", finding->expected);
        append_member(out, inner, "actual", finding->actual);
        append_list(out, inner, "difference", finding->difference, G_MAXUINT);
    }
    append_list(out, indent, "diagnosis", attempt->diagnosis, G_MAXUINT);
    append_list(out, indent, "console", attempt->console, CONSOLE_LINES);
}

/* Attempts before the one that decides. */
static void append_others(GString *out, const RecordCase *c) {
    const RecordAttempt *result = record_result(c);
    if (record_is_flaky(c)) g_string_append(out, "  flaky: true\n");
    g_string_append(out, "  attempts:\n");
    for (guint i = 0; i < c->attempts->len; i++) {
        const RecordAttempt *attempt = c->attempts->pdata[i];
        g_string_append_printf(out, "    - number: %u\n", attempt->number);
        append_member(out, "      ", "verdict", verdict_name(attempt->verdict));
        if (attempt != result && attempt->verdict != VERDICT_PASS)
            append_attempt(out, "      ", attempt);
    }
}

/* "\#" is a "#" that begins no directive. */
static char *escape(const char *text) {
    g_autofree char *line = text_line(text);
    g_auto(GStrv) parts = g_strsplit(line, "#", -1);
    return g_strjoinv("\\#", parts);
}

/* The subtests of a case, indented before its own line (TAP 14, "Subtests"). */
static void append_subtests(GString *out, const RecordAttempt *attempt, const char *id) {
    guint count = attempt->subtests->len;
    if (count == 0) return;
    g_string_append_printf(out, "    # Subtest: %s\n    1..%u\n", id, count);
    for (guint i = 0; i < count; i++) {
        const Result *subtest = attempt->subtests->pdata[i];
        g_autofree char *name = escape(subtest->name);
        g_autofree char *reason = text_line(subtest->detail ? subtest->detail : "");
        gboolean is_ok = subtest->kind == RESULT_PASS || subtest->kind == RESULT_SKIP;
        g_string_append_printf(out, "    %sok %u - %s%s%s\n", is_ok ? "" : "not ", i + 1, name,
                               subtest->kind == RESULT_SKIP   ? " # SKIP "
                               : subtest->kind == RESULT_TODO ? " # TODO "
                                                              : "",
                               subtest->kind == RESULT_SKIP || subtest->kind == RESULT_TODO ? reason
                                                                                            : "");
    }
}

static void append_case(GString *out, const RecordCase *c, guint number) {
    const RecordAttempt *result = record_result(c);
    VerdictKind kind = result->verdict;
    /* Names of gates and cases have neither "#" nor "\" (path_is_name), which TAP would want
     * escaped; ids that a journal brings may. */
    g_autofree char *id = escape(c->id);
    append_subtests(out, result, id);
    gboolean good = kind == VERDICT_PASS || kind == VERDICT_SKIP;
    g_string_append_printf(out, "%sok %u - %s", good ? "" : "not ", number, id);
    if (kind == VERDICT_SKIP) {
        g_autofree char *reason = text_line(((RecordFinding *)result->findings->pdata[0])->text);
        g_string_append_printf(out, " # SKIP %s", reason);
    }
    g_string_append_c(out, '\n');
    g_autofree char *remark = record_remark(result);
    g_autofree char *comment = remark ? text_line(remark) : NULL;
    if (comment) g_string_append_printf(out, "# %s\n", comment);
    if (kind == VERDICT_SKIP || (kind == VERDICT_PASS && c->attempts->len == 1)) return;
    g_string_append(out, "  ---\n");
    if (kind != VERDICT_PASS) append_attempt(out, "  ", result);
    if (c->attempts->len > 1) append_others(out, c);
    g_string_append(out, "  ...\n");
}

void report_tap(const Record *record, GString *out) {
    g_string_append_printf(out, "TAP version 14\n1..%u\n", record->cases->len);
    if (record->harness) {
        g_autofree char *harness = text_line(record->harness);
        g_string_append_printf(out, "# harness %s\n", harness);
    }
    for (guint i = 0; i < record->cases->len; i++)
        append_case(out, record->cases->pdata[i], i + 1);
    /* A document of skips alone would look like a success. */
    if (!record->complete || record->interrupted)
        g_string_append_printf(out, "Bail out! the run %s\n",
                               record->complete ? "was interrupted" : "stopped early");
}
