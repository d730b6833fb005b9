#include "report/report_junit.h"
#include "base/markup.h"
#include "report/report_text.h"

/* JUnit distinguishes failures, which are wrong answers, from errors, which are all else. */
static gboolean is_failure(VerdictKind kind) {
    return kind == VERDICT_FAIL || kind == VERDICT_PANIC;
}

static void append_attribute(GString *out, const char *name, const char *value) {
    g_string_append_printf(out, " %s=\"", name);
    markup_line(out, value);
    g_string_append_c(out, '"');
}

static void append_seconds(GString *out, gint64 ns) {
    g_string_append_printf(out, " time=\"%.6f\"", (double)ns / 1e9);
}

/* Subtests are test cases of their own. */
static void append_counts(GString *out, const RecordTotals *totals) {
    const guint *of = totals->verdicts, *subtests = totals->subtests;
    guint tests = totals->cases;
    for (guint kind = 0; kind < RESULT_KINDS; kind++)
        tests += subtests[kind];
    g_string_append_printf(out, " tests=\"%u\" failures=\"%u\" errors=\"%u\"", tests,
                           of[VERDICT_FAIL] + of[VERDICT_PANIC] + subtests[RESULT_FAIL],
                           of[VERDICT_ERROR] + of[VERDICT_TIMEOUT] + of[VERDICT_HANG]);
}

static void append_property(GString *out, const char *name, const char *value) {
    if (!value) return;
    g_string_append(out, "      <property");
    append_attribute(out, "name", name);
    append_attribute(out, "value", value);
    g_string_append(out, "/>\n");
}

/* An attempt that shows on which kernel the cases of the gate ran, or NULL. */
static const RecordAttempt *find_attempt(const RecordGate *gate) {
    for (guint i = 0; i < gate->cases->len; i++) {
        const RecordCase *c = gate->cases->pdata[i];
        const RecordAttempt *attempt = c->attempts->len > 0 ? c->attempts->pdata[0] : NULL;
        if (attempt && attempt->kernel) return attempt;
    }
    return NULL;
}

static void append_properties(GString *out, const RecordGate *gate, const Record *record) {
    const RecordAttempt *attempt = find_attempt(gate);
    g_autofree char *arguments = g_strjoinv(" ", record->arguments);
    g_string_append(out, "    <properties>\n");
    append_property(out, "proves", gate->proves);
    append_property(out, "harness", record->harness);
    append_property(out, "kernel", attempt ? attempt->kernel : record->kernel);
    append_property(out, "kernel.sha256", attempt ? attempt->kernel_sha256 : record->kernel_sha256);
    append_property(out, "accelerator", attempt ? attempt->accelerator : NULL);
    append_property(out, "qemu", record->qemu);
    append_property(out, "qemu.version", record->qemu_version);
    append_property(out, "qemu.confinement", record->confinement);
    append_property(out, "command", arguments);
    g_string_append(out, "    </properties>\n");
}

static void append_details(GString *out, const RecordAttempt *attempt) {
    const Term plain = {0};
    g_autoptr(GString) details = g_string_new(NULL);
    report_text_details(details, &plain, attempt);
    markup_text(out, details->str);
}

static void append_output(GString *out, const char *indent, const char *text) {
    g_string_append_printf(out, "%s<system-out>", indent);
    markup_text(out, text);
    g_string_append(out, "</system-out>\n");
}

static void append_console(GString *out, const char *indent, const RecordAttempt *attempt) {
    if (*attempt->console) append_output(out, indent, attempt->console);
}

/* Opens `element` with the verdict and the first finding. */
static void open_trouble(GString *out, const char *element, const RecordAttempt *attempt) {
    const RecordFinding *first = attempt->findings->pdata[0];
    g_string_append_printf(out, "      <%s", element);
    append_attribute(out, "type", verdict_name(attempt->verdict));
    append_attribute(out, "message", first->text);
    g_string_append_c(out, '>');
}

/* Notes of a pass about events that were not kept, if any. */
static void append_left_out(GString *out, const RecordAttempt *attempt) {
    g_autoptr(GString) text = g_string_new(NULL);
    report_text_left_out(text, attempt);
    if (text->len == 0) return;
    g_string_append(out, "      <system-err>");
    markup_text(out, text->str);
    g_string_append(out, "</system-err>\n");
}

/* The attempt that decides the result: nothing for a pass. */
static void append_result(GString *out, const RecordAttempt *attempt) {
    if (attempt->verdict == VERDICT_PASS) {
        g_autofree char *remark = record_remark(attempt);
        if (remark) append_output(out, "      ", remark);
        append_left_out(out, attempt);
        return;
    }
    const char *element = attempt->verdict == VERDICT_SKIP ? "skipped"
                          : is_failure(attempt->verdict)   ? "failure"
                                                           : "error";
    open_trouble(out, element, attempt);
    if (attempt->verdict != VERDICT_SKIP) append_details(out, attempt);
    g_string_append_printf(out, "</%s>\n", element);
    append_console(out, "      ", attempt);
}

/* Another attempt, which did not pass: "flaky" if a later one passed. */
static void append_rerun(GString *out, const RecordAttempt *attempt, gboolean flaky) {
    const char *element = is_failure(attempt->verdict) ? flaky ? "flakyFailure" : "rerunFailure"
                          : flaky                      ? "flakyError"
                                                       : "rerunError";
    open_trouble(out, element, attempt);
    g_string_append(out, "\n        <stackTrace>");
    append_details(out, attempt);
    g_string_append(out, "</stackTrace>\n");
    append_console(out, "        ", attempt);
    g_string_append_printf(out, "      </%s>\n", element);
}

static void append_case(GString *out, const RecordCase *c) {
    const RecordAttempt *result = record_result(c);
    g_string_append(out, "    <testcase");
    append_attribute(out, "name", c->id);
    append_attribute(out, "classname", c->gate->name);
    append_seconds(out, result->duration_ns);
    g_string_append(out, ">\n");
    append_result(out, result);
    for (guint i = 0; i < c->attempts->len; i++)
        if (c->attempts->pdata[i] != result &&
            ((const RecordAttempt *)c->attempts->pdata[i])->verdict != VERDICT_PASS)
            append_rerun(out, c->attempts->pdata[i], record_is_flaky(c));
    g_string_append(out, "    </testcase>\n");
}

static void append_subtest(GString *out, const RecordCase *c, const Result *subtest) {
    static const char *const elements[] = {NULL, "failure", "skipped", "skipped", "skipped"};
    G_STATIC_ASSERT(G_N_ELEMENTS(elements) == RESULT_KINDS);
    static const char *const reasons[] = {"", "the subtest failed", "", "it fails as expected",
                                          "it was not reached"};
    g_autofree char *name = g_strconcat(c->id, "/", subtest->name, NULL);
    g_autofree char *reason =
        subtest->detail ? g_strdup(subtest->detail) : g_strdup(reasons[subtest->kind]);
    g_string_append(out, "    <testcase");
    append_attribute(out, "name", name);
    append_attribute(out, "classname", c->gate->name);
    append_seconds(out, MAX(subtest->host_ns, 0));
    g_string_append(out, ">\n");
    if (elements[subtest->kind]) {
        g_string_append_printf(out, "      <%s", elements[subtest->kind]);
        append_attribute(out, "message", reason);
        g_string_append(out, "/>\n");
    }
    g_string_append(out, "    </testcase>\n");
}

static void append_gate(GString *out, const Record *record, const RecordGate *gate) {
    RecordTotals totals = record_gate_totals(gate);
    g_string_append(out, "  <testsuite");
    append_attribute(out, "name", gate->name);
    append_counts(out, &totals);
    g_string_append_printf(out, " skipped=\"%u\"",
                           totals.verdicts[VERDICT_SKIP] + totals.subtests[RESULT_SKIP] +
                               totals.subtests[RESULT_TODO] + totals.subtests[RESULT_MISSING]);
    append_seconds(out, totals.attempts_ns);
    append_attribute(out, "timestamp", record->time);
    append_attribute(out, "file", gate->path);
    g_string_append(out, ">\n");
    append_properties(out, gate, record);
    for (guint i = 0; i < gate->cases->len; i++) {
        const RecordCase *c = gate->cases->pdata[i];
        const RecordAttempt *result = record_result(c);
        append_case(out, c);
        for (guint k = 0; k < result->subtests->len; k++)
            append_subtest(out, c, result->subtests->pdata[k]);
    }
    g_string_append(out, "  </testsuite>\n");
}

void report_junit(const Record *record, GString *out) {
    RecordTotals totals = record_totals(record);
    g_string_append(out,
                    "<?xml version=\"1.0\" encoding=\"UTF-8\"?>\n<testsuites name=\"harness\"");
    append_counts(out, &totals);
    append_seconds(out, record->end_at_ns);
    g_string_append(out, ">\n");
    for (guint i = 0; i < record->gates->len; i++)
        append_gate(out, record, record->gates->pdata[i]);
    g_string_append(out, "</testsuites>\n");
}
