#define _GNU_SOURCE /* sched_getaffinity */
#include "run/run_options.h"
#include "base/http.h"
#include "base/term.h"
#include "base/usage.h"
#include "history/history.h"
#include <sched.h>
#include <string.h>

/* More guests would only wait for each other. */
#define JOBS_MAX 256
/* Larger numbers of runs or attempts are probably a typing error. */
#define REPEAT_MAX  1000000
#define RETRIES_MAX 100
/* The range of --timeout-factor: a factor of 0 would end every case. */
#define TIMEOUT_FACTOR_MIN 0.01
#define TIMEOUT_FACTOR_MAX 1000.0
/* A longer interval between progress lines is useless. */
#define PROGRESS_MAX_S 86400

static gboolean check_numbers(const RunOptions *options, GError **error) {
    const struct {
        const char *name;
        double value, min, max;
    } numbers[] = {
        {"jobs", options->jobs, 0, JOBS_MAX},
        {"repeat", options->repeat, 1, REPEAT_MAX},
        {"retries", options->retries, 0, RETRIES_MAX},
        {"max-fail", options->max_fail, 0, G_MAXINT},
        {"progress", options->progress_s, 0, PROGRESS_MAX_S},
        {"timeout-factor", options->timeout_factor, TIMEOUT_FACTOR_MIN, TIMEOUT_FACTOR_MAX}};
    for (guint i = 0; i < G_N_ELEMENTS(numbers); i++) {
        /* Written so that NaN is refused. */
        if (numbers[i].value >= numbers[i].min && numbers[i].value <= numbers[i].max) continue;
        return usage_error(error, "--%s must be a number from %.10g to %.10g", numbers[i].name,
                           numbers[i].min, numbers[i].max);
    }
    return TRUE;
}

static gboolean check_reports(const RunOptions *options, GError **error) {
    guint on_stdout, all = run_options_count_reports(options, &on_stdout);
    if (on_stdout > 1) return usage_error(error, "only one report can go to standard output");
    if (options->no_journal && options->journal)
        return usage_error(error, "--no-journal and --journal are mutually exclusive");
    if (options->no_journal && all > 0)
        return usage_error(error, "reports need the journal, which --no-journal omits");
    return TRUE;
}

gboolean run_options_check(const RunOptions *options, GError **error) {
    if (options->fail_fast && options->max_fail > 1)
        return usage_error(error, "--fail-fast means --max-fail 1; use only one of them");
    if (options->quiet && options->verbose)
        return usage_error(error, "--quiet and --verbose are mutually exclusive");
    if (options->label && !history_is_label(options->label))
        return usage_error(
            error,
            "--label must have letters, digits and - _ . / +, a letter first, and not be "
            "\"last\": %s",
            options->label);
    if (options->coverage_lines && !options->coverage)
        return usage_error(error, "--coverage-lines needs --coverage DIR");
    if (options->affected && options->failed)
        return usage_error(error, "--affected and --failed are mutually exclusive");
    return check_numbers(options, error) && term_check_when(options->color, error) &&
           check_reports(options, error);
}

/* Those that this process may use: g_get_num_processors counts all of the machine. */
static guint processors(void) {
    cpu_set_t set;
    return sched_getaffinity(0, sizeof set, &set) == 0 ? (guint)CPU_COUNT(&set)
                                                       : g_get_num_processors();
}

guint run_options_jobs(const RunOptions *options) {
    return options->jobs ? (guint)options->jobs : processors();
}

guint run_options_max_fail(const RunOptions *options) {
    return options->fail_fast ? 1 : (guint)options->max_fail;
}

guint run_options_count_reports(const RunOptions *options, guint *ret_on_stdout) {
    guint all = *ret_on_stdout = 0;
    for (guint i = 0; report_formats[i].name; i++) {
        all += options->reports[i] != NULL;
        *ret_on_stdout += g_strcmp0(options->reports[i], "-") == 0;
    }
    return all;
}

const char *run_options_made_kernel(const RunOptions *options) {
    gboolean is_made = options->kernel && g_str_has_prefix(options->kernel, "out:");
    return is_made ? options->kernel + strlen("out:") : NULL;
}

GStrv run_options_command_line(const RunOptions *options) {
    g_autoptr(GStrvBuilder) words = g_strv_builder_new();
    for (const char *const *word = options->command_line; *word; word++) {
        g_autofree char *shown = http_is_url(*word) ? http_shown_url(*word) : g_strdup(*word);
        g_strv_builder_add(words, shown);
    }
    return g_strv_builder_end(words);
}

GStrv run_options_rerun(const RunOptions *options) {
    const struct {
        const char *name, *value;
    } values[] = {{"--kernel", options->kernel},
                  {"--qemu", options->qemu},
                  {"--out", options->out},
                  {"--driver", g_strcmp0(options->driver, "both") == 0 ? "both" : NULL}};
    g_autoptr(GStrvBuilder) words = g_strv_builder_new();
    if (options->icount) g_strv_builder_add(words, "--icount");
    if (options->timeout_factor != 1) {
        char factor[G_ASCII_DTOSTR_BUF_SIZE];
        g_ascii_formatd(factor, sizeof factor, "%.10g", options->timeout_factor);
        g_strv_builder_add_many(words, "--timeout-factor", factor, NULL);
    }
    for (guint i = 0; i < G_N_ELEMENTS(values); i++)
        if (values[i].value) g_strv_builder_add_many(words, values[i].name, values[i].value, NULL);
    return g_strv_builder_end(words);
}
