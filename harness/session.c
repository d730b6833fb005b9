#include "session.h"
#include "command.h"
#include "error.h"
#include "report_text.h"
#include <errno.h>
#include <fcntl.h>
#include <stdio.h>
#include <string.h>
#include <sys/file.h>
#include <unistd.h>

RunFlags run_flags = {.jobs = 1};

/* Guests beyond this number only wait for each other. */
#define JOBS_MAX 256

typedef struct {
    ReportText *report;
    SessionEnded ended;
    gpointer data;
} Session;

static void on_started(gpointer data, const PlanCase *item)
{
    report_text_observer.started(((Session *)data)->report, item);
}

static void on_event(gpointer data, const PlanCase *item, const Event *event)
{
    report_text_observer.event(((Session *)data)->report, item, event);
}

static void on_text(gpointer data, const PlanCase *item, const guint8 *text, gsize length)
{
    report_text_observer.text(((Session *)data)->report, item, text, length);
}

static void on_ended(gpointer data, const CaseResult *result)
{
    Session *session = data;
    report_text_observer.ended(session->report, result);
    if (session->ended)
        session->ended(session->data, result);
}

static const ScheduleObserver observer = {on_started, on_event, on_text, on_ended};

/*
 * Two harnesses must not write into the same output folders. The lock is on the folder itself
 * and ends with the process, so that nothing is left behind. Locked in the order of names, which
 * two harnesses share.
 */
static gboolean lock_folder(const char *folder, GError **error)
{
    if (g_mkdir_with_parents(folder, 0777) != 0)
        return error_set_errno(error, errno, "cannot make the output folder %s", folder);
    int fd = open(folder, O_RDONLY | O_DIRECTORY | O_CLOEXEC);
    if (fd < 0)
        return error_set_errno(error, errno, "cannot open the output folder %s", folder);
    if (flock(fd, LOCK_EX | LOCK_NB) == 0)
        return TRUE;
    if (errno == EWOULDBLOCK) {
        fprintf(stderr,
                "harness: another harness writes into %s: waiting for it (--out names "
                "another folder)\n",
                folder);
        if (flock(fd, LOCK_EX) == 0)
            return TRUE;
    }
    return error_set_errno(error, errno, "cannot lock %s", folder);
}

static gint compare_names(gconstpointer a, gconstpointer b)
{
    return strcmp(*(const char *const *)a, *(const char *const *)b);
}

static gboolean lock_outputs(const Plan *plan, const char *out_root, GError **error)
{
    g_autoptr(GPtrArray) folders = g_ptr_array_new_with_free_func(g_free);
    for (guint i = 0; i < plan->gates->len; i++)
        g_ptr_array_add(folders,
                        g_build_filename(out_root, ((Gate *)plan->gates->pdata[i])->name, NULL));
    g_ptr_array_sort(folders, compare_names);
    for (guint i = 0; i < folders->len; i++)
        if (!lock_folder(folders->pdata[i], error))
            return FALSE;
    return TRUE;
}

static int exit_status(const ScheduleResult *result)
{
    if (result->interrupted)
        return EXIT_INTERRUPTED;
    if (result->counts[VERDICT_ERROR])
        return EXIT_TROUBLE;
    for (guint kind = VERDICT_FAIL; kind < VERDICT_KINDS; kind++)
        if (result->counts[kind])
            return EXIT_FAILED;
    return EXIT_PASSED;
}

Plan *session_plan(const char *const *paths, GError **error)
{
    if (!*paths) {
        command_usage(error, "no gate is named; try: harness run gates");
        return NULL;
    }
    if (run_flags.jobs < 1 || run_flags.jobs > JOBS_MAX) {
        command_usage(error, "--jobs takes a number from 1 to %d", JOBS_MAX);
        return NULL;
    }
    g_autoptr(Plan) plan = plan_new(paths, error);
    if (!plan || (run_flags.filter && !plan_filter(plan, run_flags.filter, error)))
        return NULL;
    return g_steal_pointer(&plan);
}

int session_run(const Plan *plan, const char *program, gboolean any_golden, SessionEnded ended,
                gpointer data, GError **error)
{
    g_autofree char *out_root = run_flags.out
                                    ? g_strdup(run_flags.out)
                                    : g_build_filename(plan_root(plan), "build/out", NULL);
    if (!lock_outputs(plan, out_root, error))
        return -1;
    RunOptions options = {
        .qemu = run_flags.qemu ? run_flags.qemu : "qemu-system-aarch64",
        .kernel = run_flags.kernel,
        .out_root = out_root,
        .transcripts = run_flags.transcripts,
        .icount = run_flags.icount,
        .any_golden = any_golden,
    };
    ReportTextOptions text = {program, out_root, run_flags.console, run_flags.icount};
    Session session = {report_text_new(plan, &text), ended, data};
    ScheduleResult result =
        schedule_run(plan, (guint)run_flags.jobs, &options, &observer, &session);
    report_text_summary(session.report, &result);
    report_text_free(session.report);
    return exit_status(&result);
}
