#include "report/dashboard.h"
#include "base/markup.h"
#include "report/dashboard_chart.h"
#include "report/dashboard_coverage.h"
#include "report/dashboard_tables.h"
#include <string.h>

/* report/html/, as harness.mk embeds it. */
extern const unsigned char report_css[], dashboard_css[], dashboard_js[];
extern const unsigned int report_css_len, dashboard_css_len, dashboard_js_len;

/* A chart has at most some 7 kB, so that these stay below 5 MB. */
#define CHARTS_MAX 700

/* ---- A case ---- */

static void append_step(GString *out, const DashboardData *data, const DashboardSeries *series,
                        const Step *step) {
    gint64 number = g_array_index(series->series->points, HistoryPoint, step->at).run;
    const HistoryRun *run = dashboard_find_run(data, number);
    g_string_append(out, "<li>");
    dashboard_change(out, step);
    g_string_append_printf(out, " at run %" G_GINT64_FORMAT, number);
    if (run && run->label) {
        g_string_append(out, ", <span class=\"id wrap\">");
        markup_line(out, run->label);
        g_string_append(out, "</span>");
    }
    g_string_append(out, "</li>");
}

/* The newest steps of a chart are told in words below it. */
#define STEPS_TOLD 3

static void append_steps(GString *out, const DashboardData *data, const DashboardSeries *series) {
    guint count = series->steps->len;
    if (count == 0) return;
    g_string_append(out, "<ul class=\"told\">");
    for (guint i = count; i > 0 && i + STEPS_TOLD > count; i--)
        append_step(out, data, series, &g_array_index(series->steps, Step, i - 1));
    if (count > STEPS_TOLD)
        g_string_append_printf(out, "<li class=\"soft\">%u earlier steps</li>", count - STEPS_TOLD);
    g_string_append(out, "</ul>\n");
}

static void append_case(GString *out, const DashboardData *data, const CaseVerdicts *verdicts,
                        gboolean icount) {
    const DashboardSeries *series = dashboard_find_case(data, verdicts->case_id, icount);
    if (!series && icount) return;
    g_string_append(out, "<article class=\"card\"><h3 class=\"id wrap\">");
    markup_line(out, verdicts->case_id);
    g_string_append(out, "</h3><p class=\"soft\">");
    if (series) {
        const GArray *points = series->series->points;
        dashboard_value(out, g_array_index(points, HistoryPoint, points->len - 1).value, icount);
        g_string_append_printf(out, ", %u run%s", points->len, points->len == 1 ? "" : "s");
    } else {
        g_string_append(out, "no time of a pass");
    }
    if (verdicts->failed->len)
        g_string_append_printf(out, "; <b class=\"fail\">%u did not pass</b>",
                               verdicts->failed->len);
    if (verdicts->flakes) g_string_append(out, " <span class=\"badge flaky\">flaky</span>");
    g_string_append(out, "</p>\n");
    if (series) {
        dashboard_chart(out, data, series, verdicts->failed);
        append_steps(out, data, series);
    }
    g_string_append(out, "</article>\n");
}

static void append_cases(GString *out, const DashboardData *data, gboolean icount, guint most) {
    guint shown = 0;
    g_string_append_printf(out, "<h2>Cases over time%s</h2>\n<div class=\"cards\">\n",
                           icount ? ", in instructions" : "");
    for (guint i = 0; i < data->verdicts->len && shown < most; i++, shown++)
        append_case(out, data, data->verdicts->pdata[i], icount);
    g_string_append(out, "</div>\n");
    if (shown < data->verdicts->len)
        g_string_append_printf(out,
                               "<p class=\"soft\">%u more cases are not shown; <code>harness "
                               "perf plot GLOB</code> shows any.</p>\n",
                               data->verdicts->len - shown);
}

/* ---- A machine ---- */

static void append_title(GString *out, const HistoryMachine *machine) {
    markup_line(out, machine->name);
    if (machine->number == 1) g_string_append(out, " (this machine)");
}

static void append_facts(GString *out, const DashboardData *data) {
    const HistoryRun *first = data->runs->pdata[0], *last = data->runs->pdata[data->runs->len - 1];
    guint counted = 0;
    for (guint i = 0; i < data->runs->len; i++)
        counted += ((HistoryRun *)data->runs->pdata[i])->icount;
    g_autofree char *from = g_strndup(first->time, 10), *to = g_strndup(last->time, 10);
    g_string_append_printf(out, "<p class=\"soft\">%u run%s", data->runs->len,
                           data->runs->len == 1 ? "" : "s");
    if (counted) g_string_append_printf(out, ", %u of them in instructions", counted);
    g_string_append(out, ", from ");
    markup_line(out, from);
    g_string_append(out, " to ");
    markup_line(out, to);
    g_string_append_printf(out, "; %u cases</p>\n", data->verdicts->len);
}

static gboolean has_counts(const DashboardData *data) {
    for (guint i = 0; i < data->cases->len; i++)
        if (((DashboardSeries *)data->cases->pdata[i])->icount) return TRUE;
    return FALSE;
}

static gboolean append_machine(GString *out, History *history, const HistoryMachine *machine,
                               guint charts, GError **error) {
    g_autoptr(DashboardData) data = dashboard_data_new(history, machine, error);
    if (!data) return FALSE;
    g_string_append_printf(out,
                           "<section id=\"m%" G_GINT64_FORMAT "\" class=\"machine\">\n"
                           "<h2 class=\"name wrap\">",
                           machine->number);
    append_title(out, machine);
    g_string_append(out, "</h2>\n");
    if (data->runs->len == 0) {
        g_string_append(out, "<p class=\"soft\">No run yet: <code>harness run</code> adds one."
                             "</p>\n</section>\n");
        return TRUE;
    }
    append_facts(out, data);
    dashboard_steps(out, data);
    dashboard_flaky(out, data);
    dashboard_slowest(out, data);
    append_cases(out, data, FALSE, charts);
    if (has_counts(data)) append_cases(out, data, TRUE, charts);
    g_string_append(out, "</section>\n");
    return TRUE;
}

/* ---- The page ---- */

static void append_chooser(GString *out, const GPtrArray *machines) {
    g_string_append(out, "<div class=\"tools\"><input type=\"search\" id=\"filter\" placeholder="
                         "\"Filter cases\" aria-label=\"Filter cases\">");
    if (machines->len > 1) {
        g_string_append(out, "<select id=\"machine\" aria-label=\"Machine\">");
        for (guint i = 0; i < machines->len; i++) {
            const HistoryMachine *machine = machines->pdata[i];
            g_string_append_printf(out, "<option value=\"m%" G_GINT64_FORMAT "\">",
                                   machine->number);
            append_title(out, machine);
            g_string_append(out, "</option>");
        }
        g_string_append(out, "</select>");
    }
    g_string_append(out, "</div>\n");
}

static void append_bytes(GString *out, const unsigned char *bytes, unsigned int length) {
    g_string_append_len(out, (const char *)bytes, (gssize)length);
}

gboolean dashboard_write(History *history, GString *out, GError **error) {
    g_autoptr(GPtrArray) machines = history_machines(history, error);
    if (!machines) return FALSE;
    /* The policy lets a browser load nothing, whatever a name holds. */
    g_string_append(out,
                    "<!DOCTYPE html>\n<html lang=\"en\">\n<head>\n<meta charset=\"utf-8\">\n"
                    "<meta http-equiv=\"Content-Security-Policy\" content=\"default-src 'none'; "
                    "style-src 'unsafe-inline'; script-src 'unsafe-inline'\">\n"
                    "<meta name=\"viewport\" content=\"width=device-width, initial-scale=1\">\n"
                    "<title>What programs cost</title>\n<style>\n");
    append_bytes(out, report_css, report_css_len);
    append_bytes(out, dashboard_css, dashboard_css_len);
    g_string_append(out, "</style>\n</head>\n<body>\n<header><h1>What programs cost</h1>\n");
    append_chooser(out, machines);
    g_string_append(out, "</header>\n<main>\n");
    for (guint i = 0; i < machines->len; i++)
        if (!append_machine(out, history, machines->pdata[i], CHARTS_MAX / machines->len, error))
            return FALSE;
    if (!dashboard_coverage(out, history, error)) return FALSE;
    g_string_append(out, "</main>\n<script>\n");
    append_bytes(out, dashboard_js, dashboard_js_len);
    g_string_append(out, "</script>\n</body>\n</html>\n");
    return TRUE;
}
