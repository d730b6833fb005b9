#include "attempt/verdict_decide.h"
#include "attempt/calls.h"
#include "attempt/judge.h"
#include "base/text.h"
#include <signal.h>
#include <string.h>
#include <sys/wait.h>

/* Describes the last progress of a guest that a limit stopped. */
static char *last_progress(const GateCase *c, const EventLog *log, const Event *limit) {
    gint64 until_ns = limit->time_ns;
    if (!gate_case_keeps_contract(c))
        return limit->text ? g_strdup_printf("the console showed last: %s", limit->text)
                           : g_strdup("the console showed nothing");
    if (log->left_out_ns)
        return g_strdup_printf("the last kernel line came %.1f s earlier and was not kept",
                               (double)(until_ns - log->left_out_ns) / 1e9);
    for (guint i = log->events->len; i > 0; i--) {
        const Event *event = event_log_get(log, i - 1);
        if (event->kind != EVENT_LINE && event->kind != EVENT_FILE) continue;
        const KernelLine *kernel_line = &event->kernel_line;
        const char *path = event->kind == EVENT_FILE         ? event->text
                           : kernel_line->kind == LINE_SPAWN ? kernel_line->spawn.path
                           : kernel_line->kind == LINE_FILE  ? kernel_line->file.path
                                                             : "";
        return g_strdup_printf(
            "the last kernel line came %.1f s earlier: %s%s%s",
            (double)(until_ns - event->time_ns) / 1e9,
            kernel_line_name(event->kind == EVENT_FILE ? LINE_FILE : kernel_line->kind),
            *path ? " " : "", path);
    }
    return g_strdup("the kernel printed no line; check that it is an arm64 Image for this machine");
}

static Verdict *decide_stopped(const GateCase *c, const EventLog *log) {
    const Event *event;
    if ((event = event_log_find(log, EVENT_TIMEOUT))) {
        g_autofree char *last = last_progress(c, log, event);
        return verdict_new(VERDICT_TIMEOUT,
                           "the guest did not end within %g s (timeout); %s; if it is only slow, "
                           "raise \"timeout\"",
                           (double)event->number / 1e9, last);
    }
    if ((event = event_log_find(log, EVENT_LATE))) {
        g_autofree char *last = last_progress(c, log, event);
        g_autofree char *on =
            event->detail ? g_strdup_printf(" on the port \"%s\"", event->detail) : g_strdup("");
        return verdict_new(VERDICT_TIMEOUT,
                           "a wait of the dialog%s took more than %g s (within); %s", on,
                           (double)event->number / 1e9, last);
    }
    if ((event = event_log_find(log, EVENT_HANG)) && !c->end.is_judged) {
        g_autofree char *last = last_progress(c, log, event);
        return verdict_new(VERDICT_HANG,
                           "the console was silent for %g s (hang); %s; if the kernel may be "
                           "silent that long, raise \"hang\"",
                           (double)event->number / 1e9, last);
    }
    if (event) {
        g_autofree char *last = last_progress(c, log, event);
        return verdict_new(VERDICT_HANG,
                           "no kernel line and no file data for %g s (hang); %s; program output "
                           "does not count as progress; if the program may run that long, raise "
                           "\"hang\"",
                           (double)event->number / 1e9, last);
    }
    return NULL;
}

/* A Cortex-M that faults while it handles a fault: QEMU aborts (cpu_abort in QEMU's
 * target/arm/tcg/m_helper.c). */
static Verdict *decide_lockup(int status, const char *said) {
    if (!WIFSIGNALED(status) || WTERMSIG(status) != SIGABRT || !strstr(said, "Lockup")) return NULL;
    return verdict_new(VERDICT_PANIC, "the processor locked up, and QEMU aborted: %s", said);
}

/* An error if QEMU ended other than by the guest's power-off, or with a status that the case does
 * not judge. After END the harness ends QEMU itself. */
static Verdict *decide_qemu(const GateCase *c, const EventLog *log) {
    const Event *exit = event_log_find(log, EVENT_QEMU_EXIT);
    if (!exit || event_log_find_line(log, LINE_END) || event_log_find(log, EVENT_CONSOLE_DONE))
        return NULL;
    int status = (int)exit->number;
    const char *said = exit->text ? exit->text : "";
    const char *colon = *said ? "; QEMU printed: " : "";
    Verdict *lockup = decide_lockup(status, said);
    if (lockup) return lockup;
    if (WIFSIGNALED(status))
        return verdict_new(
            VERDICT_ERROR,
            "QEMU was killed by signal %d (%s) from outside the harness before the guest "
            "ended; check for the out-of-memory killer, or run the case again%s%s",
            WTERMSIG(status), strsignal(WTERMSIG(status)), colon, said);
    gboolean is_answer = c->status >= 0 && event_log_find(log, EVENT_CONTINUE);
    if (WEXITSTATUS(status) != 0 && !is_answer)
        return verdict_new(VERDICT_ERROR, "QEMU exited with status %d%s%s", WEXITSTATUS(status),
                           colon, said);
    if (!event_log_find(log, EVENT_CONTINUE))
        return verdict_new(
            VERDICT_ERROR,
            "QEMU exited with status 0 before it started the guest; check that --qemu "
            "names a QEMU%s%s",
            colon, said);
    if (*said && strstr(said, "terminating on signal"))
        return verdict_new(VERDICT_ERROR, "QEMU was terminated before the guest ended%s%s", colon,
                           said);
    return NULL;
}

/* Program output that looks like kernel lines is no failure, but often explains one. */
static void add_foreign(Verdict *verdict, const EventLog *log) {
    const Event *foreign = event_log_find(log, EVENT_FOREIGN);
    const Event *lines = event_log_find(log, EVENT_FOREIGN_LINES);
    if (!foreign || !lines) return;
    g_autofree char *shown = text_line(foreign->text);
    verdict_add(verdict,
                g_strdup_printf("a program printed %" G_GINT64_FORMAT
                                " lines that look like kernel lines but lack the nonce of this "
                                "attempt; they count as program output; the first: %s",
                                lines->number, shown));
}

/* Judges cached files like new ones. The rest was judged when the case passed. */
static Verdict *decide_cached(const EventLog *log, const GPtrArray *expected,
                              const GHashTable *counterpart_files) {
    Verdict *verdict = verdict_empty(VERDICT_PASS);
    judge_files(verdict, log, expected);
    if (counterpart_files) judge_counterpart(verdict, log, counterpart_files);
    if (verdict->findings->len > 0) verdict->kind = VERDICT_FAIL;
    return verdict;
}

/* A program may fail long after a missing system call, so each failed attempt lists them. */
static void add_missing_calls(Verdict *verdict, const EventLog *log) {
    g_auto(GStrv) missing = calls_missing(log);
    for (char **line = missing; *line; line++)
        verdict_add(verdict, g_strdup(*line));
}

Verdict *verdict_decide(const GateCase *c, const EventLog *log, const GPtrArray *expected,
                        const GHashTable *counterpart_files) {
    const Event *event;
    Verdict *stopped;
    if ((event = event_log_find(log, EVENT_ERROR)))
        return verdict_new(VERDICT_ERROR, "%s", event->text);
    if (event_log_find(log, EVENT_CACHED)) return decide_cached(log, expected, counterpart_files);
    if ((event = event_log_find(log, EVENT_INTERRUPT)))
        return verdict_new(VERDICT_ERROR, "interrupted by %s", event->text);
    if ((event = event_log_find_line(log, LINE_PANIC))) {
        stopped = verdict_new(VERDICT_PANIC, "the kernel panicked: %s", event->kernel_line.text);
        add_missing_calls(stopped, log);
        return stopped;
    }
    if ((event = event_log_find(log, EVENT_FORBIDDEN))) {
        stopped = verdict_new(event->number ? VERDICT_PANIC : VERDICT_FAIL,
                              event->number ? "the kernel panicked, says the console: %s"
                                            : "the console shows what it never must: %s",
                              event->text);
        if (!c->end.is_judged) judge_bad(stopped, log);
        judge_results(stopped, c, log);
        return stopped;
    }
    if ((stopped = decide_stopped(c, log))) {
        if (!c->end.is_judged) {
            judge_bad(stopped, log);
            judge_console(stopped, c, log);
        }
        judge_dialog(stopped, c, log);
        judge_results(stopped, c, log);
        add_missing_calls(stopped, log);
        return stopped;
    }
    if ((stopped = decide_qemu(c, log))) return stopped;

    Verdict *verdict = verdict_empty(VERDICT_PASS);
    if ((stopped = judge_status(verdict, c, log))) {
        verdict_free(verdict);
        return stopped;
    }
    if (c->end.is_judged)
        judge_end(verdict, c, log);
    else
        judge_bad(verdict, log);
    judge_files(verdict, log, expected);
    if (c->end.is_judged) {
        if (counterpart_files) judge_counterpart(verdict, log, counterpart_files);
        judge_spawns(verdict, c, log);
        judge_budget(verdict, c, log);
    }
    judge_console(verdict, c, log);
    judge_dialog(verdict, c, log);
    judge_results(verdict, c, log);
    if (verdict->findings->len > 0) {
        verdict->kind = VERDICT_FAIL;
        add_missing_calls(verdict, log);
        add_foreign(verdict, log);
    }
    return verdict;
}
