#include "report/html_programs.h"
#include "base/json_out.h"
#include "report/html_choice.h"
#include <string.h>

/* A row: the number of the case, its id, pid, host and guest nanoseconds, end, path and command. */
static void append_row(GString *out, const RecordAttempt *attempt, guint case_index,
                       const RecordSpawn *spawn) {
    g_autofree char *command = html_choice_command(spawn);
    g_autofree char *exit = record_exit(spawn);
    g_autofree char *text = g_strconcat(spawn->path, ": ", command, NULL);
    json_out_begin(out, NULL, '[');
    json_out_int(out, NULL, case_index);
    json_out_text(out, NULL, attempt->record_case->id);
    json_out_uint(out, NULL, spawn->pid);
    json_out_int(out, NULL, spawn->host_ns);
    json_out_int(out, NULL, spawn->guest_ns);
    json_out_text(out, NULL, exit);
    json_out_text(out, NULL, text);
    json_out_end(out, ']');
}

/* Appends the rows of all attempts in their order, as far as there is room; returns how many are
 * left out. */
static guint append_rows(GString *out, const Record *record) {
    guint shown = 0, left_out = 0;
    for (guint i = 0; i < record->cases->len; i++) {
        const RecordCase *c = record->cases->pdata[i];
        for (guint j = 0; j < c->attempts->len; j++) {
            const RecordAttempt *attempt = c->attempts->pdata[j];
            for (guint k = 0; k < attempt->spawns->len; k++) {
                gboolean has_room = shown < HTML_PROGRAMS_MAX && out->len < HTML_PROGRAMS_BYTES_MAX;
                if (has_room) append_row(out, attempt, i, attempt->spawns->pdata[k]);
                shown += has_room;
                left_out += !has_room;
            }
        }
    }
    return left_out;
}

/* The data of a script element ends at the first "</script": no "<" of a string may stay. */
static void append_escaped(GString *out, const char *json) {
    for (; *json; json++) {
        if (*json == '<')
            g_string_append(out, "\\u003c");
        else
            g_string_append_c(out, *json);
    }
}

void html_programs(const Record *record, GString *out) {
    g_autoptr(GString) rows = g_string_new(NULL);
    json_out_begin(rows, NULL, '[');
    guint left_out = append_rows(rows, record);
    json_out_end(rows, ']');
    if (strcmp(rows->str, "[]") == 0) return;
    g_string_append(
        out, "<h2>Programs</h2>\n<noscript><p class=\"soft\">A script draws this table; each case "
             "below has its programs.</p></noscript>\n"
             "<div class=\"tools\"><input id=\"search\" type=\"search\" placeholder=\"case, "
             "program, argument or exit\" aria-label=\"Search programs\"> "
             "<span class=\"soft\" id=\"found\" aria-live=\"polite\"></span></div>\n"
             "<div id=\"programs\" class=\"programs\"></div>\n");
    g_string_append_printf(out,
                           "<script type=\"application/json\" id=\"program-data\" "
                           "data-cost=\"%s\">",
                           record->icount ? "instructions" : "guest");
    append_escaped(out, rows->str);
    g_string_append(out, "</script>\n");
    if (left_out > 0)
        g_string_append_printf(out,
                               "<p class=\"soft\">%u more are left out. The journal has all of "
                               "them (harness report --format json).</p>\n",
                               left_out);
}
