#include "history/export_summary.h"
#include "base/json_out.h"
#include "base/stats.h"
#include "base/text.h"
#include "base/usage.h"
#include <string.h>

typedef struct {
    const HistorySeries *series;
    double median, least, most; /* milliseconds, or instructions */
    char *name;                 /* "CASE: PROGRAM", unique */
    char *program;              /* shown; "" for the whole run of the case */
} Summary;

static void summary_free(gpointer data) {
    Summary *summary = data;
    g_free(summary->name);
    g_free(summary->program);
    g_free(summary);
}

/* Bytes that cannot be shown become text, and different programs may so get one name; readers
 * refuse a name that comes twice. */
static char *unique_name(GHashTable *names, const char *name) {
    char *unique = g_strdup(name);
    for (guint n = 2; !g_hash_table_add(names, g_strdup(unique)); n++) {
        g_free(unique);
        unique = g_strdup_printf("%s (%u)", name, n);
    }
    return unique;
}

static Summary *summarize(const HistorySeries *series, GHashTable *names) {
    guint count = series->points->len;
    g_autofree double *values = g_new(double, count);
    Summary *summary = g_new0(Summary, 1);
    for (guint i = 0; i < count; i++)
        values[i] = g_array_index(series->points, HistoryPoint, i).value;
    summary->series = series;
    summary->median = stats_median(values, count);
    summary->least = summary->most = values[0];
    for (guint i = 1; i < count; i++) {
        summary->least = MIN(summary->least, values[i]);
        summary->most = MAX(summary->most, values[i]);
    }
    g_autofree char *program = text_line(series->program);
    g_autofree char *whole =
        *program ? g_strdup_printf("%s: %s", series->case_id, program) : g_strdup(series->case_id);
    g_autofree char *line = text_line(whole);
    summary->name = unique_name(names, line);
    /* The suffix that makes the name unique makes the label so too. */
    summary->program = g_strconcat(program, summary->name + strlen(line), NULL);
    return summary;
}

/* The summaries of all series, which *ret_all owns; NULL and *error, also if there is none. */
static GPtrArray *summarize_all(const Export *export, GPtrArray **ret_all, GError **error) {
    *ret_all = history_series(export->history, "*", export->icount, export->range, error);
    if (!*ret_all) return NULL;
    if ((*ret_all)->len == 0) {
        /* A reader would take an empty answer for a good one. */
        usage_error(error,
                    "the runs %" G_GINT64_FORMAT " to %" G_GINT64_FORMAT
                    " have no %s of a case that passed",
                    export->range.first, MIN(export->range.last, history_newest(export->history)),
                    export->icount ? "instruction counts" : "times");
        return NULL;
    }
    g_autoptr(GHashTable) names = g_hash_table_new_full(g_str_hash, g_str_equal, g_free, NULL);
    GPtrArray *summaries = g_ptr_array_new_with_free_func(summary_free);
    for (guint i = 0; i < (*ret_all)->len; i++)
        g_ptr_array_add(summaries, summarize((*ret_all)->pdata[i], names));
    return summaries;
}

/* ---- OpenMetrics ---- */

/* Section "Escaping": backslash, newline and quote. */
static void append_label(GString *out, const char *name, const char *text) {
    g_string_append_printf(out, "%s%s=\"", out->str[out->len - 1] == '{' ? "" : ",", name);
    for (; *text; text++) {
        if (*text == '\\' || *text == '"') g_string_append_c(out, '\\');
        if (*text == '\n')
            g_string_append(out, "\\n");
        else
            g_string_append_c(out, *text);
    }
    g_string_append_c(out, '"');
}

typedef struct {
    const char *name, *help;
    double (*value)(const Summary *summary);
} Gauge;

static double median_of(const Summary *summary) { return summary->median; }
static double least_of(const Summary *summary) { return summary->least; }
static double most_of(const Summary *summary) { return summary->most; }

static const Gauge gauges[] = {{"", "Median cost of", median_of},
                               {"_least", "Least cost of", least_of},
                               {"_most", "Highest cost of", most_of}};

/* The name of a family ends with its unit (section "Unit"). */
static void write_family(const Export *export, const GPtrArray *summaries, const Gauge *gauge,
                         gboolean is_whole, const char *machine) {
    const char *unit = export->icount ? "instructions" : "seconds";
    g_autofree char *name =
        g_strdup_printf("harness_%s%s_%s", is_whole ? "case" : "program", gauge->name, unit);
    g_autoptr(GString) line = g_string_new(NULL);
    g_string_printf(line, "# TYPE %s gauge\n# UNIT %s %s\n# HELP %s %s %s.", name, name, unit, name,
                    gauge->help, is_whole ? "a case" : "a program in a case");
    export->line(export->data, line->str);
    for (guint i = 0; i < summaries->len; i++) {
        const Summary *summary = summaries->pdata[i];
        char digits[G_ASCII_DTOSTR_BUF_SIZE];
        if (is_whole != !*summary->series->program) continue;
        g_string_printf(line, "%s{", name);
        append_label(line, "case", summary->series->case_id);
        if (!is_whole) append_label(line, "program", summary->program);
        if (*machine) append_label(line, "machine", machine);
        double value = gauge->value(summary) / (export->icount ? 1 : 1e3);
        g_ascii_formatd(digits, sizeof digits, export->icount ? "%.0f" : "%.9g", value);
        g_string_append_printf(line, "} %s", digits);
        export->line(export->data, line->str);
    }
}

gboolean export_openmetrics(const Export *export, GError **error) {
    g_autoptr(GPtrArray) all = NULL;
    g_autoptr(GPtrArray) summaries = summarize_all(export, &all, error);
    g_autofree char *machine = summaries ? history_machine_name(export->history) : NULL;
    if (!summaries) return FALSE;
    for (guint i = 0; i < G_N_ELEMENTS(gauges); i++) {
        if (!export->icount) write_family(export, summaries, &gauges[i], TRUE, machine);
        write_family(export, summaries, &gauges[i], FALSE, machine);
    }
    export->line(export->data, "# EOF");
    return TRUE;
}

/* ---- github-action-benchmark ---- */

static void append_benchmark(GString *out, const Export *export, const Summary *summary) {
    const char *unit = export->icount ? "instructions" : "ms";
    g_autofree char *range = g_strdup_printf("± %.6g", (summary->most - summary->least) / 2);
    g_autofree char *extra = g_strdup_printf("%.6g to %.6g %s in %u runs", summary->least,
                                             summary->most, unit, summary->series->points->len);
    json_out_begin(out, NULL, '{');
    json_out_text(out, "name", summary->name);
    json_out_text(out, "unit", unit);
    json_out_double(out, "value", summary->median);
    json_out_text(out, "range", range);
    json_out_text(out, "extra", extra);
    json_out_end(out, '}');
    g_string_append_c(out, '\n');
}

gboolean export_benchmark(const Export *export, GError **error) {
    g_autoptr(GPtrArray) all = NULL;
    g_autoptr(GPtrArray) summaries = summarize_all(export, &all, error);
    if (!summaries) return FALSE;
    g_autoptr(GString) out = g_string_new(NULL);
    json_out_begin(out, NULL, '[');
    for (guint i = 0; i < summaries->len; i++)
        append_benchmark(out, export, summaries->pdata[i]);
    json_out_end(out, ']');
    export->line(export->data, out->str);
    return TRUE;
}

/* ---- Bencher ---- */

gboolean export_bencher(const Export *export, GError **error) {
    g_autoptr(GPtrArray) all = NULL;
    g_autoptr(GPtrArray) summaries = summarize_all(export, &all, error);
    if (!summaries) return FALSE;
    /* Its built-in measures; latency is in nanoseconds. */
    const char *measure = export->icount ? "instructions" : "latency";
    double factor = export->icount ? 1 : 1e6;
    g_autoptr(GString) out = g_string_new(NULL);
    json_out_begin(out, NULL, '{');
    for (guint i = 0; i < summaries->len; i++) {
        const Summary *summary = summaries->pdata[i];
        json_out_begin(out, summary->name, '{');
        json_out_begin(out, measure, '{');
        json_out_double(out, "value", summary->median * factor);
        json_out_double(out, "lower_value", summary->least * factor);
        json_out_double(out, "upper_value", summary->most * factor);
        json_out_end(out, '}');
        json_out_end(out, '}');
        g_string_append_c(out, '\n');
    }
    json_out_end(out, '}');
    export->line(export->data, out->str);
    return TRUE;
}
