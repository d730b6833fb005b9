#include "session.h"
#include "boot.h"
#include "command.h"
#include "error.h"
#include "fetch.h"
#include "good.h"
#include "journal.h"
#include "journal_store.h"
#include "qemu_identity.h"
#include "record_read.h"
#include "recorder.h"
#include "report.h"
#include "report_terminal.h"
#include "trend.h"
#include <errno.h>
#include <fcntl.h>
#include <stdio.h>
#include <string.h>
#include <sys/file.h>
#include <unistd.h>

RunFlags run_flags = {.jobs = 1, .repeat = 1, .timeout_factor = 1, .progress_s = 30};

typedef struct {
    const char *out_root;
    Recorder *recorder;
    Journal *journal; /* NULL: --no-journal */
    ReportTerminal *terminal;
    SessionEnded ended;
    gpointer data;
} Session;

static void on_started(gpointer data, const PlanCase *item) {
    Session *session = data;
    const RecordAttempt *attempt = recorder_started(session->recorder, item);
    if (session->journal) journal_started(session->journal, attempt);
    report_terminal_started(session->terminal, item);
}

static void on_event(gpointer data, const PlanCase *item, const Event *event) {
    Session *session = data;
    gssize spawn;
    if (event->left_out) return;
    const RecordAttempt *attempt = recorder_event(session->recorder, item, event, &spawn);
    if (session->journal) journal_event(session->journal, attempt, event, spawn);
    report_terminal_event(session->terminal, item, event);
}

static void on_text(gpointer data, const PlanCase *item, const guint8 *text, gsize length) {
    report_terminal_text(((Session *)data)->terminal, item, text, length);
}

static void on_ended(gpointer data, const CaseResult *result) {
    Session *session = data;
    const RecordAttempt *attempt = recorder_ended(session->recorder, result);
    if (session->journal) journal_ended(session->journal, attempt);
    if (result->run && result->verdict->kind == VERDICT_PASS && !result->recorded)
        good_keep(session->out_root, result->run);
    report_terminal_ended(session->terminal, result->item, attempt, result->again);
    if (session->ended && !result->again && !result->recorded)
        session->ended(session->data, result);
}

static const ScheduleObserver observer = {on_started, on_event, on_text, on_ended};

/*
 * Two harnesses must not write into the same output folders. The lock is on the folder itself
 * and ends with the process, so that nothing is left behind. Locked in the order of names, which
 * two harnesses share.
 */
static gboolean lock_folder(const char *folder, GError **error) {
    if (g_mkdir_with_parents(folder, 0777) != 0)
        return error_set_errno(error, errno, "cannot make the output folder %s", folder);
    int fd = open(folder, O_RDONLY | O_DIRECTORY | O_CLOEXEC);
    if (fd < 0) return error_set_errno(error, errno, "cannot open the output folder %s", folder);
    if (flock(fd, LOCK_EX | LOCK_NB) == 0) return TRUE;
    if (errno == EWOULDBLOCK) {
        fprintf(stderr,
                "harness: another harness writes into %s: waiting for it (--out names "
                "another folder)\n",
                folder);
        if (flock(fd, LOCK_EX) == 0) return TRUE;
    }
    return error_set_errno(error, errno, "cannot lock %s", folder);
}

static gint compare_names(gconstpointer a, gconstpointer b) {
    return strcmp(*(const char *const *)a, *(const char *const *)b);
}

static gboolean lock_outputs(const Plan *plan, const char *out_root, GError **error) {
    g_autoptr(GPtrArray) folders = g_ptr_array_new_with_free_func(g_free);
    for (guint i = 0; i < plan->cases->len; i++)
        g_ptr_array_add(
            folders, g_build_filename(out_root, ((PlanCase *)plan->cases->pdata[i])->label, NULL));
    g_ptr_array_sort(folders, compare_names);
    for (guint i = 0; i < folders->len; i++) {
        gboolean is_new = i == 0 || strcmp(folders->pdata[i - 1], folders->pdata[i]) != 0;
        if (is_new && !lock_folder(folders->pdata[i], error)) return FALSE;
    }
    return TRUE;
}

static int exit_status(const ScheduleResult *result, gboolean sharded) {
    if (result->interrupted) return EXIT_INTERRUPTED;
    if (result->counts[VERDICT_ERROR]) return EXIT_TROUBLE;
    for (guint kind = VERDICT_FAIL; kind < VERDICT_SKIP; kind++)
        if (result->counts[kind]) return EXIT_FAILED;
    /* What a driver cannot run is no fault; but a run of nothing has shown nothing. Of a shard
     * another may have. */
    guint cases = 0;
    for (guint kind = 0; kind < VERDICT_KINDS; kind++)
        cases += result->counts[kind];
    if (cases > 0 && cases == result->refused && !sharded) {
        fprintf(stderr, "harness: no case was run: --driver names one that can run none of them\n");
        return EXIT_FAILED;
    }
    return result->counts[VERDICT_SKIP] > result->refused ? EXIT_FAILED : EXIT_PASSED;
}

/* ---- Journal and reports ---- */

/* The reports that were asked for: file names in the order of report_formats, NULL for none. */
static const char *const *report_files(void) {
    static const char *files[REPORT_FORMATS];
    files[REPORT_JUNIT] = run_flags.junit;
    files[REPORT_TAP] = run_flags.tap;
    files[REPORT_JSON] = run_flags.json;
    files[REPORT_HTML] = run_flags.html;
    return files;
}

/* How many reports there are, and how many of them go to standard output. */
static void count_reports(guint *ret_all, guint *ret_on_stdout) {
    const char *const *files = report_files();
    *ret_all = *ret_on_stdout = 0;
    for (guint i = 0; i < REPORT_FORMATS; i++) {
        *ret_all += files[i] != NULL;
        *ret_on_stdout += g_strcmp0(files[i], "-") == 0;
    }
}

static gboolean check_reports(GError **error) {
    guint all, on_stdout;
    count_reports(&all, &on_stdout);
    if (on_stdout > 1)
        command_usage(error, "only one report can go to standard output");
    else if (run_flags.no_journal && run_flags.journal)
        command_usage(error, "--no-journal does not go with --journal");
    else if (run_flags.no_journal && all > 0)
        command_usage(error, "reports are made from the journal: --no-journal leaves none");
    else
        return TRUE;
    return FALSE;
}

/* *ret_path is where the journal is, NULL without one. */
static gboolean open_journal(Session *session, const Plan *plan, char **ret_path, GError **error) {
    if (run_flags.no_journal) return TRUE;
    g_autofree char *folder = g_build_filename(plan_root(plan), "build/journal", NULL);
    g_autofree char *path =
        run_flags.journal ? g_strdup(run_flags.journal) : journal_store_new(folder, error);
    if (path) session->journal = journal_open(path, recorder_record(session->recorder), error);
    if (!session->journal) {
        g_prefix_error(error, "nothing was run (--no-journal goes without a journal): ");
        return FALSE;
    }
    *ret_path = g_steal_pointer(&path);
    return TRUE;
}

/* ---- History ---- */

/* Opens it, where there is to be one; it is an extra, whose trouble changes no verdict. */
static History *open_history(const Plan *plan, gboolean create) {
    g_autofree char *path =
        run_flags.no_history ? NULL : history_path(plan_root(plan), run_flags.history);
    if (!path || (!create && !g_file_test(path, G_FILE_TEST_EXISTS))) return NULL;
    g_autoptr(GError) error = NULL;
    History *history = history_open(path, create, &error);
    if (!history) fprintf(stderr, "harness: this run is in no history: %s\n", error->message);
    return history;
}

static void expect_times(const Plan *plan, ReportTerminal *terminal) {
    g_autoptr(History) history =
        report_terminal_is_live(terminal) ? open_history(plan, FALSE) : NULL;
    for (guint i = 0; history && i < plan->cases->len; i++) {
        const PlanCase *item = plan->cases->pdata[i];
        gint64 expected_ns =
            item->refused ? 0 : history_expected_ns(history, item->id, run_flags.icount);
        if (expected_ns >= 0) report_terminal_expect(terminal, item, expected_ns);
    }
}

static void add_to_history(const Plan *plan, const Record *record) {
    g_autoptr(GError) error = NULL;
    g_autoptr(History) history = open_history(plan, TRUE);
    if (history && !history_add(history, record, run_flags.label, &error))
        fprintf(stderr, "harness: this run is in no history: %s\n", error->message);
}

/* Makes every report that was asked for; the first error is returned, the others are tried. */
static gboolean save_reports(const Plan *plan, const char *journal_path, GError **error) {
    guint all, on_stdout;
    count_reports(&all, &on_stdout);
    if (all == 0) return TRUE;
    g_autoptr(Record) record = record_load(journal_path, error);
    if (!record) return FALSE;
    g_autoptr(History) history = open_history(plan, FALSE);
    if (history) trend_fill(record, history, NULL);
    GError *first = NULL;
    for (guint i = 0; i < REPORT_FORMATS; i++) {
        const char *file = report_files()[i];
        if (file) report_save(i, record, file, first ? NULL : &first);
    }
    if (first) g_propagate_error(error, first);
    return !first;
}

static gboolean end_journal(Session *session, const Plan *plan, const char *path, GError **error) {
    if (!session->journal) return TRUE;
    GError *failed = NULL;
    journal_finish(session->journal, &failed);
    /* What was written of it still gives reports; what is missing shows as skipped. */
    gboolean saved = save_reports(plan, path, failed ? NULL : &failed);
    if (failed) g_propagate_error(error, failed);
    return saved && !failed;
}

/* The options that decide how a case comes out, for a line that runs it again. */
static GStrv find_options(void) {
    const struct {
        const char *name, *value;
    } values[] = {{"--kernel", run_flags.kernel},
                  {"--qemu", run_flags.qemu},
                  {"--out", run_flags.out},
                  {"--driver", g_strcmp0(run_flags.driver, "both") == 0 ? "both" : NULL}};
    g_autoptr(GStrvBuilder) options = g_strv_builder_new();
    if (run_flags.icount) g_strv_builder_add(options, "--icount");
    if (run_flags.timeout_factor != 1) {
        char factor[G_ASCII_DTOSTR_BUF_SIZE];
        g_ascii_formatd(factor, sizeof factor, "%.10g", run_flags.timeout_factor);
        g_strv_builder_add_many(options, "--timeout-factor", factor, NULL);
    }
    for (guint i = 0; i < G_N_ELEMENTS(values); i++)
        if (values[i].value)
            g_strv_builder_add_many(options, values[i].name, values[i].value, NULL);
    return g_strv_builder_end(options);
}

/* One run of the plan, with a journal and reports of its own. */
static int run_once(const Plan *plan, const RunOptions *options, Session *session, GError **error) {
    guint all, on_stdout;
    count_reports(&all, &on_stdout);
    g_auto(GStrv) again = find_options();
    RecorderHead head = {plan,
                         command_line,
                         again,
                         options->qemu ? options->qemu : "qemu-system-aarch64",
                         options->kernel,
                         options->icount};
    g_autofree char *journal_path = NULL;
    int status = -1;
    session->recorder = recorder_new(&head, options->out_root);
    if (open_journal(session, plan, &journal_path, error)) {
        ReportTerminalOptions shown = {(guint)run_flags.jobs, (guint)run_flags.progress_s,
                                       run_flags.console,     run_flags.quiet,
                                       run_flags.verbose,     run_flags.color};
        session->terminal =
            report_terminal_new(on_stdout ? stderr : stdout, plan->cases->len, &shown);
        expect_times(plan, session->terminal);
        ScheduleLimits limits = {(guint)run_flags.jobs, (guint)run_flags.retries,
                                 (guint)run_flags.max_fail};
        ScheduleResult result = schedule_run(plan, &limits, options, &observer, session);
        recorder_finished(session->recorder, result.interrupted);
        report_terminal_summary(session->terminal, recorder_record(session->recorder));
        report_terminal_free(session->terminal);
        add_to_history(plan, recorder_record(session->recorder));
        status = end_journal(session, plan, journal_path, error)
                     ? exit_status(&result, plan->sharded)
                     : -1;
    }
    g_clear_pointer(&session->journal, journal_free);
    recorder_free(session->recorder);
    return status;
}

/* The folder of the cache, or NULL: what is to be looked at must run. */
static const char *find_cache(gboolean blesses) {
    const char *folder = run_flags.cache ? run_flags.cache : g_getenv("HARNESS_CACHE");
    gboolean must_run = run_flags.no_cache || blesses || run_flags.repeat > 1 ||
                        run_flags.transcripts || run_flags.console;
    return must_run || !folder || !*folder ? NULL : folder;
}

/* Whether it is known what each QEMU of the plan consists of; says why where it is not. */
static gboolean know_qemus(const Plan *plan) {
    for (guint i = 0; i < plan->cases->len; i++) {
        g_autoptr(GError) error = NULL;
        g_autofree char *own =
            g_strconcat("qemu-system-", ((PlanCase *)plan->cases->pdata[i])->c->arch, NULL);
        if (qemu_identity(run_flags.qemu ? run_flags.qemu : own, &error)) continue;
        fprintf(stderr, "harness: the cache is not used: %s\n", error->message);
        return FALSE;
    }
    return TRUE;
}

static gboolean needs_linux(const Plan *plan) {
    for (guint i = 0; i < plan->cases->len; i++) {
        const PlanCase *item = plan->cases->pdata[i];
        if (item->driver == DRIVER_LINUX && !item->refused) return TRUE;
    }
    return FALSE;
}

int session_run(const Plan *plan, GHashTable *blessed, SessionEnded ended, gpointer data,
                GError **error) {
    if (!check_reports(error)) return -1;
    g_autofree char *out_root = run_flags.out
                                    ? g_strdup(run_flags.out)
                                    : g_build_filename(plan_root(plan), "build/out", NULL);
    g_autofree char *kernel =
        run_flags.kernel ? g_strdup(run_flags.kernel) : boot_seed_kernel(plan_root(plan));
    if (!lock_outputs(plan, out_root, error)) return -1;
    if (needs_linux(plan) && !fetch_linux(plan_root(plan), error)) return -1;
    const char *cache = find_cache(blessed != NULL);
    if (cache && !know_qemus(plan)) cache = NULL;
    RunOptions options = {
        .qemu = run_flags.qemu,
        .kernel = kernel,
        .out_root = out_root,
        .transcripts = run_flags.transcripts,
        .cache = cache,
        .cores = run_flags.cores,
        .records = run_flags.records,
        .icount = run_flags.icount,
        .timeout_factor = run_flags.timeout_factor,
        .any_golden = blessed != NULL,
        .blessed = blessed,
    };
    int status = EXIT_PASSED;
    command_tell_confinement();
    for (int i = 0; i < run_flags.repeat && status == EXIT_PASSED; i++) {
        Session session = {.out_root = out_root, .ended = ended, .data = data};
        status = run_once(plan, &options, &session, error);
    }
    return status;
}
