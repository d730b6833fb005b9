#include "run/run_reports.h"
#include "base/text.h"
#include "guest/confinement.h"
#include "history/trend.h"
#include "record/record_read.h"
#include <stdio.h>

History *run_reports_open_history(const RunOptions *options, const Plan *plan, gboolean create) {
    g_autofree char *path =
        options->no_history ? NULL : history_path(plan_root(plan), options->history);
    if (!path || (!create && !g_file_test(path, G_FILE_TEST_EXISTS))) return NULL;
    g_autoptr(GError) error = NULL;
    History *history = history_open(path, create, &error);
    if (!history)
        fprintf(stderr, "harness: the run was not added to the history: %s\n", error->message);
    return history;
}

void run_reports_confinement(void) {
    if (!confinement_exists())
        fprintf(stderr, "harness: confinement of QEMU: %s\n", confinement_describe());
}

void run_reports_add_history(const RunOptions *options, const Plan *plan, const Record *record) {
    /* What is counted takes longer. */
    if (options->coverage) return;
    g_autoptr(GError) error = NULL;
    g_autoptr(History) history = run_reports_open_history(options, plan, TRUE);
    if (history && !history_add(history, record, options->label, &error))
        fprintf(stderr, "harness: the run was not added to the history: %s\n", error->message);
}

/* More gates than that are only counted. */
#define GATES_NAMED 4

/* Which cases were asked for: names of gates. */
static char *describe_cases(const Plan *plan) {
    g_autoptr(GString) text = g_string_new(NULL);
    g_autoptr(GHashTable) asked = g_hash_table_new(g_str_hash, g_str_equal);
    g_autoptr(GPtrArray) gates = g_ptr_array_new();
    for (guint i = 0; i < plan->cases->len; i++) {
        PlanCase *planned = plan->cases->pdata[i];
        if (!planned->requested) continue;
        guint count = GPOINTER_TO_UINT(g_hash_table_lookup(asked, planned->label));
        if (count == 0) g_ptr_array_add(gates, planned);
        g_hash_table_insert(asked, planned->label, GUINT_TO_POINTER(count + 1));
    }
    for (guint i = 0; i < MIN(gates->len, GATES_NAMED); i++) {
        const PlanCase *first = gates->pdata[i];
        guint count = GPOINTER_TO_UINT(g_hash_table_lookup(asked, first->label));
        if (i > 0) g_string_append(text, ", ");
        if (count < first->gate->cases->len)
            g_string_append_printf(text, "%u case%s of ", count, count == 1 ? "" : "s");
        g_string_append(text, first->label);
    }
    if (gates->len > GATES_NAMED)
        g_string_append_printf(text, " and %u more gates", gates->len - GATES_NAMED);
    return g_string_free(g_steal_pointer(&text), FALSE);
}

void run_reports_add_coverage(const RunOptions *options, const Plan *plan,
                              const CoverageTotals *totals) {
    g_autoptr(GError) error = NULL;
    g_autoptr(History) history = run_reports_open_history(options, plan, TRUE);
    g_autofree char *cases = describe_cases(plan);
    g_autofree char *time = text_time(g_get_real_time() / G_USEC_PER_SEC);
    const HistoryRate rate = {.time = time,
                              .cases = cases,
                              .label = options->label,
                              .lines = totals->lines,
                              .lines_hit = totals->lines_hit,
                              .functions = totals->functions,
                              .functions_hit = totals->functions_hit};
    if (history && !history_add_rate(history, &rate, &error))
        fprintf(stderr, "harness: the coverage was not added to the history: %s\n", error->message);
}

/* The value of a CI variable, or NULL if it is empty or not set. */
static const char *find_variable(const char *name) {
    const char *value = name ? g_getenv(name) : NULL;
    return value && *value ? value : NULL;
}

/* Where the format is to be written without being asked for: standard output is that of the shown
 * report. */
static gboolean save_for_ci(const ReportFormat *format, const Record *record, gboolean is_stdout,
                            GError **error) {
    const char *file = find_variable(format->file_variable);
    if (g_strcmp0(find_variable(format->shown_variable), "true") == 0) {
        g_autoptr(GString) text = report_make(format, record);
        fputs(text->str, is_stdout ? stderr : stdout);
    }
    return !file || report_append(format, record, file, error);
}

/* CI variables are set for every program; without a journal there is nothing to report. */
static gboolean wants_reports(const RunOptions *options) {
    guint on_stdout;
    gboolean wanted = run_options_count_reports(options, &on_stdout) > 0;
    for (const ReportFormat *format = report_formats; format->name; format++)
        wanted |= find_variable(format->file_variable) || find_variable(format->shown_variable);
    return wanted;
}

gboolean run_reports_save(const RunOptions *options, const Plan *plan, const char *journal_path,
                          GError **error) {
    if (!wants_reports(options)) return TRUE;
    g_autoptr(Record) record = record_load(journal_path, error);
    if (!record) return FALSE;
    g_autoptr(History) history = run_reports_open_history(options, plan, FALSE);
    if (history) trend_fill(record, history, NULL);
    guint on_stdout;
    run_options_count_reports(options, &on_stdout);
    GError *first = NULL;
    for (guint i = 0; report_formats[i].name; i++) {
        const ReportFormat *format = &report_formats[i];
        if (options->reports[i])
            report_save(format, record, options->reports[i], first ? NULL : &first);
        save_for_ci(format, record, on_stdout > 0, first ? NULL : &first);
    }
    if (first) g_propagate_error(error, first);
    return !first;
}
