/* One run: the events of its cases go to the record, the journal and the terminal. */
#include "run/run.h"
#include "attempt/known_good.h"
#include "base/error.h"
#include "base/exit_status.h"
#include "guest/boot.h"
#include "guest/fetch.h"
#include "record/journal.h"
#include "record/journal_store.h"
#include "report/report_terminal.h"
#include "run/output_lock.h"
#include "run/recorder.h"
#include "run/run_cache.h"
#include "run/run_coverage.h"
#include "run/run_machine.h"
#include "run/run_reports.h"
#include <stdio.h>

typedef struct {
    const RunOptions *options;
    const Plan *plan;
    AttemptOptions attempts;
    Recorder *recorder;
    Journal *journal; /* NULL: --no-journal */
    char *journal_path;
    RunCoverage *coverage; /* NULL: not wanted */
    ReportTerminal *terminal;
    RunEnded ended;
    gpointer data;
} Run;

static Boot make_boot(const Run *run, const PlanCase *planned) {
    return (Boot){.driver = planned->driver,
                  .gate = planned->gate,
                  .gate_case = planned->gate_case,
                  .seed_kernel = attempt_seed_kernel(&run->attempts, planned->driver)};
}

static void on_started(gpointer data, const PlanCase *planned) {
    Run *run = data;
    Boot boot = make_boot(run, planned);
    g_autofree char *kernel = boot_kernel(&boot);
    const char *accelerator = attempt_accelerator(&run->attempts, planned->gate_case);
    const RecordAttempt *attempt = recorder_started(run->recorder, planned, kernel, accelerator);
    if (run->journal) journal_started(run->journal, attempt);
    report_terminal_started(run->terminal, planned);
}

static void on_event(gpointer data, const PlanCase *planned, const Event *event) {
    Run *run = data;
    gssize spawn;
    if (event->left_out) return;
    const RecordAttempt *attempt = recorder_event(run->recorder, planned, event, &spawn);
    if (run->journal) journal_event(run->journal, attempt, event, spawn);
    report_terminal_event(run->terminal, planned, event);
}

static void on_text(gpointer data, const PlanCase *planned, const guint8 *text, gsize length) {
    report_terminal_text(((Run *)data)->terminal, planned, text, length);
}

static void on_ended(gpointer data, const CaseResult *result) {
    Run *run = data;
    const RecordAttempt *attempt = recorder_ended(run->recorder, result);
    if (run->journal) journal_ended(run->journal, attempt);
    if (result->attempt && result->verdict->kind == VERDICT_PASS && !result->recorded)
        known_good_keep(run->attempts.out_root, result->attempt);
    report_terminal_ended(run->terminal, result->planned, attempt, result->will_retry);
    if (run->coverage && result->attempt) {
        Boot boot = make_boot(run, result->planned);
        run_coverage_add(run->coverage, result->planned, &boot, result->attempt);
    }
    if (run->ended && !result->will_retry && !result->recorded) run->ended(run->data, result);
}

static const ScheduleObserver observer = {on_started, on_event, on_text, on_ended};

static int exit_status(const ScheduleResult *result, gboolean sharded) {
    if (result->interrupted) return EXIT_INTERRUPTED;
    if (result->counts[VERDICT_ERROR]) return EXIT_ERROR;
    for (guint kind = VERDICT_FAIL; kind < VERDICT_SKIP; kind++)
        if (result->counts[kind]) return EXIT_FAILED;
    /* An unsupported case is not a failure, but a run without any case is. Another shard may have
     * run some. */
    guint cases = 0;
    for (guint kind = 0; kind < VERDICT_KINDS; kind++)
        cases += result->counts[kind];
    if (cases > 0 && cases == result->excused && !sharded) {
        fprintf(stderr,
                "harness: no case was run: the driver given by --driver supports none of them, or "
                "this machine lacks what they need\n");
        return EXIT_FAILED;
    }
    return result->counts[VERDICT_SKIP] > result->excused ? EXIT_FAILED : EXIT_PASSED;
}

static gboolean open_journal(Run *run, GError **error) {
    const RunOptions *options = run->options;
    if (options->no_journal) return TRUE;
    g_autofree char *folder = g_build_filename(plan_root(run->plan), "build/journal", NULL);
    run->journal_path =
        options->journal ? g_strdup(options->journal) : journal_store_new(folder, error);
    if (run->journal_path)
        run->journal = journal_open(run->journal_path, recorder_record(run->recorder), error);
    if (run->journal) return TRUE;
    g_prefix_error(error, "nothing was run (use --no-journal to run without a journal): ");
    return FALSE;
}

/* A partial journal still gives reports; missing cases are shown as skipped. */
static gboolean end_journal(Run *run, GError **error) {
    if (!run->journal) return TRUE;
    GError *failed = NULL;
    journal_finish(run->journal, &failed);
    gboolean saved =
        run_reports_save(run->options, run->plan, run->journal_path, failed ? NULL : &failed);
    if (failed) g_propagate_error(error, failed);
    return saved && !failed;
}

static void expect_times(const Run *run) {
    if (!report_terminal_is_live(run->terminal)) return;
    g_autoptr(History) history = run_reports_open_history(run->options, run->plan, FALSE);
    for (guint i = 0; history && i < run->plan->cases->len; i++) {
        const PlanCase *planned = run->plan->cases->pdata[i];
        gint64 expected_ns = planned->unsupported
                                 ? 0
                                 : history_expected_ns(history, planned->id, run->options->icount);
        if (expected_ns >= 0) report_terminal_expect(run->terminal, planned, expected_ns);
    }
}

static ReportTerminal *open_terminal(const Run *run) {
    const RunOptions *options = run->options;
    guint on_stdout;
    run_options_count_reports(options, &on_stdout);
    ReportTerminalOptions shown = {run_options_jobs(options), (guint)options->progress_s,
                                   options->console,          options->quiet,
                                   options->verbose,          options->color};
    return report_terminal_new(on_stdout ? stderr : stdout, run->plan->cases->len, &shown);
}

static int run_recorded(Run *run, GError **error) {
    const RunOptions *options = run->options;
    if (!open_journal(run, error)) return -1;
    if (run->attempts.cache)
        run->attempts.cache->run =
            run_cache_name(run->journal_path, recorder_record(run->recorder));
    run->terminal = open_terminal(run);
    expect_times(run);
    ScheduleLimits limits = {run_options_jobs(options), (guint)options->retries,
                             run_options_max_fail(options)};
    ScheduleResult result = schedule_run(run->plan, &limits, &run->attempts, &observer, run);
    recorder_finished(run->recorder, result.interrupted);
    report_terminal_summary(run->terminal, recorder_record(run->recorder));
    report_terminal_free(run->terminal);
    run_reports_add_history(options, run->plan, recorder_record(run->recorder));
    int status = exit_status(&result, run->plan->sharded);
    if (status == EXIT_PASSED && options->fail_on_flaky &&
        record_totals(recorder_record(run->recorder)).flaky > 0)
        status = EXIT_FAILED;
    return end_journal(run, error) ? status : -1;
}

/* Runs the plan once, with its own journal and reports. */
static int run_once(Run *run, GError **error) {
    g_auto(GStrv) rerun = run_options_rerun(run->options);
    g_auto(GStrv) command_line = run_options_command_line(run->options);
    RecorderHead head = {run->plan,
                         (const char *const *)command_line,
                         rerun,
                         run->attempts.qemu ? run->attempts.qemu : "qemu-system-aarch64",
                         run->attempts.kernel,
                         run->attempts.icount,
                         run->attempts.cache ? run->attempts.cache->folder : NULL};
    run->recorder = recorder_new(&head, run->attempts.out_root);
    int status = run_recorded(run, error);
    g_clear_pointer(&run->journal, journal_free);
    g_clear_pointer(&run->journal_path, g_free);
    recorder_free(run->recorder);
    return status;
}

static gboolean needs_linux(const Plan *plan) {
    for (guint i = 0; i < plan->cases->len; i++) {
        const PlanCase *planned = plan->cases->pdata[i];
        if (planned->driver == DRIVER_LINUX && !planned->unsupported) return TRUE;
    }
    return FALSE;
}

/* Where the kernel that a case makes will be, or NULL. */
static char *made_path(const Plan *plan, const char *out_root) {
    const PlanCase *maker = plan->maker >= 0 ? plan->cases->pdata[plan->maker] : NULL;
    return maker
               ? driver_output_path(out_root, maker->label, maker->gate_case->name, plan->made_path)
               : NULL;
}

/* What a run covered that did not pass is no measure. */
static gboolean end_coverage(const Run *run, int status, GError **error) {
    guint on_stdout;
    run_options_count_reports(run->options, &on_stdout);
    CoverageTotals totals;
    if (!run_coverage_end(run->coverage, on_stdout ? stderr : stdout, &totals, error)) return FALSE;
    if (status == EXIT_PASSED) run_reports_add_coverage(run->options, run->plan, &totals);
    return TRUE;
}

int run_cases(const RunOptions *options, const Plan *plan, GHashTable *blessed, RunEnded ended,
              gpointer data, GError **error) {
    g_autofree char *out_root = options->out ? g_strdup(options->out)
                                             : g_build_filename(plan_root(plan), "build/out", NULL);
    g_autofree char *made_kernel = made_path(plan, out_root);
    g_autofree char *kernel = options->kernel && !made_kernel ? g_strdup(options->kernel)
                                                              : boot_seed_kernel(plan_root(plan));
    if (!output_lock(plan, out_root, error)) return -1;
    if (needs_linux(plan) && !fetch_linux(plan_root(plan), error)) return -1;
    g_autoptr(Cache) cache = NULL;
    g_autoptr(RunCoverage) coverage = NULL;
    Run run = {.options = options,
               .plan = plan,
               .ended = ended,
               .data = data,
               .attempts = {
                   .qemu = options->qemu,
                   .kernel = kernel,
                   .made_kernel = made_kernel,
                   .out_root = out_root,
                   .transcripts = options->transcripts,
                   .cores = options->cores,
                   .records = options->records,
                   .icount = options->icount,
                   .allow_host = options->allow_host,
                   .timeout_factor = options->timeout_factor,
                   .any_golden = blessed != NULL,
                   .blessed = blessed,
               }};
    run_machine_mark(plan, &run.attempts);
    if (!blessed && !run_cache_open(options, plan, &cache, error)) return -1;
    run.attempts.cache = cache;
    if (!run_coverage_open(options, plan, out_root, &coverage, error)) return -1;
    if (coverage) run_coverage_set(coverage, &run.attempts);
    run.coverage = coverage;
    /* Another kernel may end in its own way, and what --console shows comes at once. */
    gboolean is_warm = options->warm && !options->console && !options->kernel && !blessed;
    g_autoptr(WarmPool) warm = is_warm ? warm_pool_new() : NULL;
    run.attempts.warm = warm;
    run_reports_confinement();
    int status = EXIT_PASSED;
    for (int i = 0; i < options->repeat && status == EXIT_PASSED; i++)
        status = run_once(&run, error);
    if (cache) run_cache_end(cache, status == EXIT_INTERRUPTED);
    if (coverage && status >= 0 && !end_coverage(&run, status, error)) return -1;
    return status;
}
