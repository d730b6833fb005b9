#include "report/html_attempt.h"
#include "base/markup.h"
#include "base/text.h"
#include "report/html_parts.h"
#include "report/html_timeline.h"
#include <string.h>

/* Bytes of the console shown for a case that passed; others show the whole excerpt. */
#define PASS_CONSOLE_SHOWN 4096

static void append_findings(GString *out, const RecordAttempt *attempt) {
    static const char *const sides[][2] = {{"expected ", "e"}, {"actual ", "a"}, {NULL, NULL}};
    for (guint i = 0; i < attempt->findings->len; i++) {
        const RecordFinding *finding = attempt->findings->pdata[i];
        html_append(out, "<div class=\"finding\"><p>", finding->text, "</p>\n");
        if (finding->expected)
            html_append(out, "<div><span class=\"soft\">expected</span> <code>", finding->expected,
                        "</code></div>\n");
        if (finding->actual)
            html_append(out, "<div><span class=\"soft\">actual</span> <code>", finding->actual,
                        "</code></div>\n");
        if (finding->difference) {
            g_autofree char *lines = g_strchomp(g_strdup(finding->difference));
            g_string_append(out, "<pre>");
            html_append_lines(out, lines, sides);
            g_string_append(out, "</pre>\n");
        }
        g_string_append(out, "</div>\n");
    }
}

static void append_console(GString *out, const RecordAttempt *attempt) {
    static const char *const kernel[][2] = {{"=== ", "k"}, {NULL, NULL}};
    g_autofree char *text = g_strchomp(text_visible(attempt->console, strlen(attempt->console)));
    const char *from = text;
    if (!*text) return;
    if (attempt->verdict == VERDICT_PASS && strlen(text) > PASS_CONSOLE_SHOWN) {
        from = text + strlen(text) - PASS_CONSOLE_SHOWN;
        while (*from && *from != '\n')
            from++;
    }
    g_string_append_printf(out, "<h4>Console%s</h4>\n<pre class=\"console\" tabindex=\"0\">",
                           from > text ? ", its last lines" : "");
    html_append_lines(out, *from == '\n' ? from + 1 : from, kernel);
    g_string_append(out, "</pre>\n");
}

/* Appends "N more are not shown" and the reason, if any. */
static void append_left_out(GString *out, guint left_out, const char *what) {
    if (left_out > 0)
        g_string_append_printf(
            out,
            "<p class=\"soft\">%u more are not shown: %s. The journal has all of "
            "them (harness report "
            "--format json).</p>\n",
            left_out, what);
}

static void append_spawns(GString *out, const RecordAttempt *attempt, guint case_index,
                          const HtmlChoice *choice) {
    if (attempt->spawns->len == 0) return;
    guint left_out = 0;
    g_string_append_printf(out,
                           "<details class=\"more\"><summary>%u spawned program%s</summary>\n"
                           "<div class=\"scroll\"><table><tr><th class=\"n\">pid</th>"
                           "<th class=\"n\">host</th><th class=\"n\">guest</th><th>exit</th>"
                           "<th>program, arguments</th></tr>\n",
                           attempt->spawns->len, attempt->spawns->len == 1 ? "" : "s");
    for (guint i = 0; i < attempt->spawns->len; i++) {
        const RecordSpawn *spawn = attempt->spawns->pdata[i];
        if (!html_choice_has(choice, spawn)) {
            left_out++;
            continue;
        }
        g_autofree char *command = html_choice_command(spawn);
        g_autofree char *exit = record_exit(spawn);
        g_string_append(out, "<tr id=\"");
        html_spawn_id(out, case_index, attempt->number, i);
        g_string_append_printf(out, "\"><td class=\"n\">%" G_GUINT64_FORMAT "</td><td class=\"n\">",
                               spawn->pid);
        html_spawn_time(out, spawn->host_ns);
        g_string_append(out, "</td><td class=\"n\">");
        html_spawn_cost(out, attempt->record_case->record, spawn);
        g_string_append_printf(out, "</td><td class=\"short\">%s</td><td><code>", exit);
        markup_line(out, spawn->path);
        html_append(out, ": ", command, "</code></td></tr>\n");
    }
    g_string_append(out, "</table></div>");
    append_left_out(out, left_out,
                    "the timeline and the cases show the programs that failed and the costliest");
    g_string_append(out, "</details>\n");
}

static void append_files(GString *out, const RecordAttempt *attempt) {
    if (attempt->files->len == 0) return;
    g_string_append_printf(out,
                           "<details class=\"more\"><summary>%u file%s</summary>\n<div "
                           "class=\"scroll\"><table><tr><th>path</th><th class=\"n\">bytes</th>"
                           "<th>sha256</th></tr>\n",
                           attempt->files->len, attempt->files->len == 1 ? "" : "s");
    guint shown = MIN(attempt->files->len, HTML_FILES_MAX);
    for (guint i = 0; i < shown; i++) {
        const RecordFile *file = attempt->files->pdata[i];
        html_append(out, "<tr><td><code>", file->path, "</code></td>");
        g_string_append_printf(out, "<td class=\"n\">%" G_GUINT64_FORMAT "</td>", file->size);
        html_append(out, "<td><code>", file->sha256, "</code></td></tr>\n");
    }
    g_string_append(out, "</table></div>");
    append_left_out(out, attempt->files->len - shown, "the page shows only the first files");
    g_string_append(out, "</details>\n");
}

static void append_subtests(GString *out, const RecordAttempt *attempt) {
    guint counts[RESULT_KINDS] = {0};
    record_count_subtests(attempt, counts);
    g_autofree char *described = record_describe_subtests(counts);
    if (!described) return;
    guint wrong = counts[RESULT_FAIL] + counts[RESULT_MISSING];
    g_string_append_printf(out, "<details class=\"more\"%s><summary>", wrong ? " open" : "");
    html_append(out, "", described, "</summary>\n<div class=\"scroll\"><table>");
    g_string_append(
        out, "<tr><th>result</th><th>subtest</th><th class=\"n\">ms</th><th>detail</th></tr>\n");
    guint shown = 0;
    /* Those that did not pass first. */
    for (guint pass = 0; pass < 2; pass++)
        for (guint i = 0; i < attempt->subtests->len && shown < HTML_FILES_MAX; i++) {
            const Result *subtest = attempt->subtests->pdata[i];
            if ((subtest->kind == RESULT_PASS) != (pass == 1)) continue;
            shown++;
            html_append(out, "<tr><td>", result_name(subtest->kind), "</td>");
            html_append(out, "<td><code>", subtest->name, "</code></td>");
            g_autofree char *ms = subtest->host_ns < 0
                                      ? g_strdup("")
                                      : g_strdup_printf("%.2f", (double)subtest->host_ns / 1e6);
            html_append(out, "<td class=\"n\">", ms, "</td>");
            html_append(out, "<td class=\"wrap\">", subtest->detail ? subtest->detail : "",
                        "</td></tr>\n");
        }
    g_string_append(out, "</table></div>");
    append_left_out(out, attempt->subtests->len - shown, "the page shows only the first subtests");
    g_string_append(out, "</details>\n");
}

static void append_notes(GString *out, const RecordAttempt *attempt) {
    if (attempt->notes->len == 0) return;
    g_string_append(out, "<h4>Events</h4>\n<div class=\"scroll\"><table>\n");
    for (guint i = 0; i < attempt->notes->len; i++) {
        const RecordNote *note = attempt->notes->pdata[i];
        g_string_append(out, "<tr><td class=\"n\">");
        html_case_time(out, MAX(note->at_ns - attempt->start_at_ns, 0));
        html_append(out, "</td><td>", record_note_name(note->kind), "</td>");
        html_append(out, "<td class=\"wrap\">", note->text ? note->text : "", "</td></tr>\n");
    }
    g_string_append(out, "</table></div>\n");
}

void html_attempt(GString *out, const RecordAttempt *attempt, guint case_index,
                  const HtmlChoice *choice) {
    if (attempt->record_case->attempts->len > 1) {
        g_string_append_printf(out, "<h3>Attempt %u: %s, ", attempt->number,
                               verdict_name(attempt->verdict));
        html_case_time(out, attempt->duration_ns);
        g_string_append(out, "</h3>\n");
    }
    g_autofree char *kernel = record_other_kernel(attempt);
    if (kernel) html_append(out, "<p class=\"soft\">Kernel: ", kernel, "</p>\n");
    const char *accelerator = record_other_accelerator(attempt);
    if (accelerator) html_append(out, "<p class=\"soft\">Accelerator: ", accelerator, "</p>\n");
    g_autofree char *unchanged = record_unchanged(attempt);
    if (unchanged) html_append(out, "<p class=\"soft\">Not run: ", unchanged, "</p>\n");
    append_findings(out, attempt);
    if (attempt->diagnosis) {
        g_autofree char *diagnosis = g_strchomp(g_strdup(attempt->diagnosis));
        html_append(out, "<h4>Diagnosis</h4>\n<pre class=\"console\" tabindex=\"0\">", diagnosis,
                    "</pre>\n");
    }
    append_subtests(out, attempt);
    append_notes(out, attempt);
    append_console(out, attempt);
    append_spawns(out, attempt, case_index, choice);
    append_files(out, attempt);
}
