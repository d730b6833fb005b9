#include "report/report_html.h"
#include "base/markup.h"
#include "base/text.h"
#include "report/html_attempt.h"
#include "report/html_parts.h"
#include "report/html_programs.h"
#include "report/html_timeline.h"
#include <string.h>

/* report/html/report.css and report.js, as harness.mk embeds them. */
extern const unsigned char report_css[], report_js[];
extern const unsigned int report_css_len, report_js_len;

/* ---- Small parts ---- */

static void append_fact(GString *out, const char *name, const char *value) {
    if (!value) return;
    g_string_append_printf(out, "<dt>%s</dt>", name);
    html_append(out, "<dd class=\"wrap\">", value, "</dd>\n");
}

static void append_badge(GString *out, const RecordCase *c) {
    const char *verdict = verdict_name(record_result(c)->verdict);
    g_string_append_printf(out, "<span class=\"badge %s\">%s</span>", verdict, verdict);
    if (record_is_flaky(c)) g_string_append(out, " <span class=\"badge flaky\">flaky</span>");
}

/* ---- Summary ---- */

/* Verdicts in order of urgency. */
static const VerdictKind order[] = {VERDICT_FAIL,  VERDICT_PANIC, VERDICT_HANG, VERDICT_TIMEOUT,
                                    VERDICT_ERROR, VERDICT_SKIP,  VERDICT_PASS};
G_STATIC_ASSERT(G_N_ELEMENTS(order) == VERDICT_KINDS);

static char *headline(const Record *record, const RecordTotals *totals) {
    guint passed = totals->verdicts[VERDICT_PASS], failed = record_failed(totals);
    g_autofree char *skipped = totals->verdicts[VERDICT_SKIP]
                                   ? g_strdup_printf(", %u skipped", totals->verdicts[VERDICT_SKIP])
                                   : g_strdup("");
    const char *state = !record->complete     ? "The run stopped early: "
                        : record->interrupted ? "Interrupted: "
                                              : "";
    if (failed == 0)
        return g_strdup_printf("%s%u of %u cases passed%s%s", state, passed, totals->cases, skipped,
                               totals->flaky ? ", not all at the first attempt" : "");
    return g_strdup_printf("%s%u of %u cases failed%s", state, failed, totals->cases, skipped);
}

static void append_counts(GString *out, const RecordTotals *totals) {
    g_string_append(out, "<div class=\"share\" aria-hidden=\"true\">");
    for (guint i = 0; i < G_N_ELEMENTS(order); i++)
        if (totals->verdicts[order[i]])
            g_string_append_printf(out, "<span class=\"%s\" style=\"flex-grow:%u\"></span>",
                                   verdict_name(order[i]), totals->verdicts[order[i]]);
    g_string_append(out, "</div>\n<ul class=\"counts\">");
    for (guint i = 0; i < G_N_ELEMENTS(order); i++)
        if (totals->verdicts[order[i]] || order[i] == VERDICT_PASS || order[i] == VERDICT_FAIL)
            g_string_append_printf(out, "<li class=\"%s\"><b>%u</b> %s</li>",
                                   verdict_name(order[i]), totals->verdicts[order[i]],
                                   verdict_name(order[i]));
    if (totals->flaky)
        g_string_append_printf(out, "<li class=\"timeout\"><b>%u</b> flaky</li>", totals->flaky);
    g_string_append_printf(out, "<li>%s<b>%u</b> spawned programs</li></ul>\n",
                           totals->has_more_spawns ? "at least " : "", totals->spawns);
}

static void append_facts(GString *out, const Record *record) {
    g_autofree char *command = g_strjoinv(" ", record->arguments);
    g_autofree char *kernel =
        record->kernel_sha256
            ? g_strdup_printf("%s, sha256 %s", record->kernel, record->kernel_sha256)
            : g_strdup(record->kernel);
    g_autofree char *qemu = record->qemu_version
                                ? g_strdup_printf("%s, %s", record->qemu, record->qemu_version)
                                : g_strdup(record->qemu);
    g_autofree char *took = g_strdup_printf("%.2f s", (double)record->end_at_ns / 1e9);
    g_string_append(out, "<dl class=\"facts\">\n");
    append_fact(out, "Started", record->time);
    append_fact(out, "Took", took);
    append_fact(out, "Command", command);
    append_fact(out, "Kernel", kernel);
    append_fact(out, "QEMU", qemu);
    if (record->harness) append_fact(out, "Harness", record->harness);
    if (record->confinement) append_fact(out, "Confinement", record->confinement);
    g_string_append(out, "</dl>\n");
}

static void append_gates(GString *out, const Record *record) {
    g_string_append(out, "<h2>Gates</h2>\n<div class=\"scroll\"><table><tr><th>gate</th>"
                         "<th class=\"n\">passed</th><th class=\"n\">time</th>"
                         "<th class=\"wide\">proves</th></tr>\n");
    for (guint i = 0; i < record->gates->len; i++) {
        const RecordGate *gate = record->gates->pdata[i];
        RecordTotals totals = record_gate_totals(gate);
        html_append(out, "<tr><td class=\"id\">", gate->name, "</td>");
        g_string_append_printf(out, "<td class=\"n\">%u of %u</td><td class=\"n\">",
                               totals.verdicts[VERDICT_PASS], totals.cases);
        html_case_time(out, totals.attempts_ns);
        html_append(out, "</td><td class=\"wide\">", gate->proves ? gate->proves : "",
                    "</td></tr>\n");
    }
    g_string_append(out, "</table></div>\n");
}

/* Lists failed and flaky cases, each with its first finding. */
static void append_wrong(GString *out, const Record *record) {
    g_string_append(out, "<ul class=\"bad-list\">\n");
    for (guint kind = 0; kind < G_N_ELEMENTS(order); kind++)
        for (guint i = 0; i < record->cases->len; i++) {
            const RecordCase *c = record->cases->pdata[i];
            const RecordAttempt *result = record_result(c);
            gboolean flaky = record_is_flaky(c);
            if (result->verdict != order[kind] || (result->verdict == VERDICT_PASS && !flaky))
                continue;
            const RecordAttempt *shown = flaky ? c->attempts->pdata[0] : result;
            g_string_append(out, "<li><span>");
            append_badge(out, c);
            g_string_append(out, "</span><span class=\"wrap\"><a class=\"id\" href=\"#");
            html_case_id(out, i);
            html_append(out, "\">", c->id, "</a> <span class=\"soft\">");
            markup_line(out, ((RecordFinding *)shown->findings->pdata[0])->text);
            g_string_append(out, "</span></span></li>\n");
        }
    g_string_append(out, "</ul>\n");
}

/* ---- Trend ---- */

/* Earlier runs of the case as bars from zero, so that changes are to scale. */
static void append_trend(GString *out, const RecordCase *c) {
    guint count = c->trend->len;
    const double *values = (const double *)(gpointer)c->trend->data;
    int digits = c->record->icount ? 0 : 1;
    if (count < 2) return;
    double least = values[0], most = values[0];
    for (guint i = 1; i < count; i++) {
        least = MIN(least, values[i]);
        most = MAX(most, values[i]);
    }
    g_string_append_printf(
        out, " <span class=\"trend\" title=\"the last %u passes: %.*f to %.*f %s\">", count, digits,
        least, digits, most, c->record->icount ? "instructions" : "ms");
    for (guint i = 0; i < count; i++)
        g_string_append_printf(out, "<i style=\"height:%.0f%%\"></i>",
                               most > 0 ? 100 * values[i] / most : 0);
    g_string_append(out, "</span>");
}

/* ---- Cases ---- */

static void append_again(GString *out, const RecordCase *c) {
    g_autofree char *again = record_again(c);
    html_append(out, "<h4>Again</h4>\n<pre>", again, "</pre>\n");
}

static void append_case(GString *out, const RecordCase *c, guint index, const HtmlChoice *choice) {
    const RecordAttempt *result = record_result(c);
    gboolean open = result->verdict != VERDICT_PASS && result->verdict != VERDICT_SKIP;
    g_string_append_printf(out, "<details class=\"case %s\" id=\"", verdict_name(result->verdict));
    html_case_id(out, index);
    g_string_append_printf(out, "\"%s>\n<summary>", open ? " open" : "");
    append_badge(out, c);
    html_append(out, " <span class=\"id wrap\">", c->id, "</span> <span class=\"meta\">");
    if (result->ran) {
        html_case_time(out, result->duration_ns);
        g_string_append_printf(out, ", %u spawned", result->spawns->len);
    } else {
        g_string_append(out, "not run");
    }
    append_trend(out, c);
    g_string_append(out, "</span></summary>\n<div>\n");
    if (c->about) html_append(out, "<p class=\"soft\">", c->about, "</p>\n");
    for (guint i = 0; i < c->attempts->len; i++)
        html_attempt(out, c->attempts->pdata[i], index, choice);
    if (result->ran) append_again(out, c);
    g_string_append(out, "</div>\n</details>\n");
}

static void append_cases(GString *out, const Record *record, const HtmlChoice *choice) {
    g_string_append(out,
                    "<h2>Cases</h2>\n<div class=\"tools\"><input id=\"filter\" type=\"search\" "
                    "placeholder=\"gate, case or verdict\" aria-label=\"Filter cases\"></div>\n");
    for (guint kind = 0; kind < G_N_ELEMENTS(order); kind++)
        /* Flaky passes come before other passes. */
        for (gint flaky = 1; flaky >= 0; flaky--)
            for (guint i = 0; i < record->cases->len; i++) {
                const RecordCase *c = record->cases->pdata[i];
                if (record_result(c)->verdict == order[kind] && record_is_flaky(c) == flaky)
                    append_case(out, c, i, choice);
            }
}

/* ---- The page ---- */

static void append_timeline(GString *out, const Record *record, const HtmlChoice *choice) {
    g_string_append(
        out,
        "<h2>Timeline</h2>\n"
        "<div class=\"tools\"><button data-key=\"-\" aria-label=\"Zoom out\">&minus;</button>"
        "<button data-key=\"+\" aria-label=\"Zoom in\">+</button>"
        "<button data-key=\"0\">All</button><button data-key=\"z\">Zoom to chosen</button>"
        "<span class=\"soft\">Ctrl or Shift and the wheel zoom; arrow keys go from bar to bar; a "
        "double click fills the view</span></div>\n");
    html_timeline(record, choice, out);
    g_string_append(
        out, "<div class=\"selection\" aria-live=\"polite\"><span class=\"soft\">Each case is "
             "a bar, each program that it spawned one below it: blue for exit status 0, "
             "brown for another, red for a signal or no end. Point at one or click "
             "it.</span></div>\n");
}

void report_html(const Record *record, GString *out) {
    RecordTotals totals = record_totals(record);
    g_autofree char *title = headline(record, &totals);
    g_string_append(out, "<!DOCTYPE html>\n<html lang=\"en\">\n<head>\n<meta charset=\"utf-8\">\n"
                         "<meta name=\"viewport\" content=\"width=device-width, "
                         "initial-scale=1\">\n");
    html_append(out, "<title>", title, "</title>\n<style>\n");
    g_string_append_len(out, (const char *)report_css, (gssize)report_css_len);
    g_string_append(out, "</style>\n</head>\n<body>\n<header>\n");
    html_append(out, "<h1>", title, "</h1>\n");
    append_counts(out, &totals);
    append_facts(out, record);
    g_string_append(out, "</header>\n<main>\n");
    append_wrong(out, record);
    HtmlChoice choice;
    html_choice_init(&choice, record);
    append_timeline(out, record, &choice);
    append_gates(out, record);
    html_programs(record, out);
    append_cases(out, record, &choice);
    html_choice_clear(&choice);
    g_string_append(out, "</main>\n<script>\n");
    g_string_append_len(out, (const char *)report_js, (gssize)report_js_len);
    g_string_append(out, "</script>\n</body>\n</html>\n");
}
