#include "attempt/verdict.h"
#include "attempt/calls.h"
#include "attempt/spawns.h"
#include "base/text.h"
#include <signal.h>
#include <string.h>
#include <sys/wait.h>

static const char *const names[] = {"pass", "fail", "error", "timeout", "hang", "panic", "skip"};
G_STATIC_ASSERT(G_N_ELEMENTS(names) == VERDICT_KINDS);

const char *verdict_name(VerdictKind kind) { return names[kind]; }

static void finding_free(gpointer data) {
    Finding *finding = data;
    g_free(finding->text);
    g_free(finding->expected);
    g_free(finding->actual);
    g_free(finding->guest_path);
    g_free(finding->expected_sha256);
    g_free(finding->actual_sha256);
    g_free(finding);
}

void verdict_free(Verdict *verdict) {
    g_ptr_array_unref(verdict->findings);
    g_free(verdict);
}

void expected_file_free(ExpectedFile *file) {
    g_free(file->guest_path);
    g_free(file->sha256);
    g_free(file);
}

static Verdict *verdict_alloc(VerdictKind kind) {
    Verdict *verdict = g_new0(Verdict, 1);
    verdict->kind = kind;
    verdict->findings = g_ptr_array_new_with_free_func(finding_free);
    return verdict;
}

static Finding *add_finding(Verdict *verdict, char *text) {
    Finding *finding = g_new0(Finding, 1);
    finding->text = text;
    g_ptr_array_add(verdict->findings, finding);
    return finding;
}

/* The hashes of a file, either of which may be NULL, and the text that shows them. */
static void set_hashes(Finding *finding, const char *expected, const char *actual) {
    finding->expected_sha256 = g_strdup(expected);
    finding->actual_sha256 = g_strdup(actual);
    finding->expected = expected ? g_strconcat("sha256 ", expected, NULL) : NULL;
    finding->actual = actual ? g_strconcat("sha256 ", actual, NULL) : NULL;
}

Verdict *verdict_new(VerdictKind kind, const char *format, ...) {
    va_list args;
    va_start(args, format);
    Verdict *verdict = verdict_alloc(kind);
    add_finding(verdict, g_strdup_vprintf(format, args));
    va_end(args);
    return verdict;
}

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

/* Whether QEMU reported that its machine ended so. */
static gboolean has_shutdown(const EventLog *log, const char *reason) {
    g_autofree char *text = g_strconcat("SHUTDOWN ", reason, NULL);
    for (guint i = 0; i < log->events->len; i++) {
        const Event *event = event_log_get(log, i);
        if (event->kind == EVENT_QMP && g_strcmp0(event->text, text) == 0) return TRUE;
    }
    return FALSE;
}

/* QEMU's exit status as the guest's answer: a skip, or findings in `verdict`. */
static Verdict *judge_status(Verdict *verdict, const GateCase *c, const EventLog *log) {
    const Event *exit = event_log_find(log, EVENT_QEMU_EXIT);
    if (c->status < 0 || !exit) return NULL;
    gint64 status = WEXITSTATUS((int)exit->number);
    if (has_shutdown(log, "guest-reset")) {
        add_finding(verdict, g_strdup("the guest reset its machine instead of ending"));
        return NULL;
    }
    if (status == c->skip_status)
        return verdict_new(VERDICT_SKIP,
                           "the guest cannot run here, it says by exit status %" G_GINT64_FORMAT,
                           status);
    if (status == c->status) return NULL;
    Finding *finding = add_finding(verdict, g_strdup("the guest did not end as expected"));
    finding->expected = g_strdup_printf("exit status %" G_GINT64_FORMAT " of QEMU", c->status);
    finding->actual = g_strdup_printf("exit status %" G_GINT64_FORMAT "%s%s", status,
                                      *exit->text ? "; QEMU printed: " : "", exit->text);
    return NULL;
}

/* The END line gives 128 + N for an init killed by signal N, as a shell does. */
#define SIGNAL_STATUS 128

static char *describe_exit(guint64 status, guint64 signal) {
    if (signal == 0) return g_strdup_printf("exit status %" G_GUINT64_FORMAT, status);
    return g_strdup_printf("signal %" G_GUINT64_FORMAT " (%s)", signal, strsignal((int)signal));
}

/* Init's end is the EXIT line of pid 1, or the END line if there is none. */
static void judge_init(Verdict *verdict, const GateCase *c, const EventLog *log,
                       const KernelLine *end) {
    guint64 status = end->end.status, signal = 0;
    Finding *finding;
    const KernelLine *fault = NULL;
    for (guint i = 0; i < log->events->len; i++) {
        const Event *event = event_log_get(log, i);
        if (event->kind == EVENT_LINE && event->kernel_line.kind == LINE_EXIT &&
            event->kernel_line.exit.pid == 1) {
            status = event->kernel_line.exit.status;
            signal = event->kernel_line.exit.signal;
            fault = signal ? &event->kernel_line : NULL;
        }
    }
    if (end->end.status != (signal ? SIGNAL_STATUS + signal : status)) {
        finding =
            add_finding(verdict, g_strdup("the EXIT and END lines disagree about the end of init"));
        finding->expected = describe_exit(status, signal);
        finding->actual = describe_exit(end->end.status, 0);
    }
    if (signal == (guint64)c->end.signal && (signal || status == (guint64)c->end.status)) return;
    if (fault)
        finding = add_finding(verdict,
                              g_strdup_printf("a fault killed init: ELR 0x%" G_GINT64_MODIFIER
                                              "x, address (FAR) 0x%" G_GINT64_MODIFIER
                                              "x, syndrome (ESR) 0x%" G_GINT64_MODIFIER "x",
                                              fault->exit.elr, fault->exit.far, fault->exit.esr));
    else
        finding = add_finding(verdict, g_strdup("init did not end as expected"));
    finding->expected = describe_exit((guint64)c->end.status, (guint64)c->end.signal);
    finding->actual = describe_exit(status, signal);
}

/* Judges the END line: number of files, leaked pages, end of init. */
static void judge_end(Verdict *verdict, const GateCase *c, const EventLog *log) {
    const Event *end = event_log_find_line(log, LINE_END);
    guint64 files = 0;
    for (guint i = 0; i < log->events->len; i++) {
        const Event *event = event_log_get(log, i);
        files += event->kind == EVENT_FILE;
        if (event->kind == EVENT_BAD) add_finding(verdict, g_strdup(event->text));
        /* Files and lines that were not kept could not be judged; programs are counted all the
         * same. */
        if (event->kind == EVENT_LEFT_OUT && event->number != EVENT_PROGRAMS)
            add_finding(verdict, g_strdup(event->text));
    }
    files += log->left_out[EVENT_FILES];
    if (!end) {
        add_finding(verdict, g_strdup("the guest powered off without an END line, so its output "
                                      "is incomplete; see the console"));
        return;
    }
    if (end->kernel_line.end.files != files) {
        Finding *finding =
            add_finding(verdict, g_strdup_printf("incomplete dump: END announces %" G_GUINT64_FORMAT
                                                 " files, %" G_GUINT64_FORMAT " arrived",
                                                 end->kernel_line.end.files, files));
        finding->expected =
            g_strdup_printf("%" G_GUINT64_FORMAT " files", end->kernel_line.end.files);
        finding->actual = g_strdup_printf("%" G_GUINT64_FORMAT " files", files);
    }
    if (end->kernel_line.end.leaked_pages != 0)
        add_finding(verdict, g_strdup_printf("the kernel leaked %" G_GUINT64_FORMAT " pages",
                                             end->kernel_line.end.leaked_pages));
    judge_init(verdict, c, log, &end->kernel_line);
}

static void judge_files(Verdict *verdict, const EventLog *log, const GPtrArray *expected) {
    for (guint i = 0; i < expected->len; i++) {
        const ExpectedFile *file = expected->pdata[i];
        const Event *event = event_log_find_file(log, file->guest_path);
        Finding *finding;
        if (event && file->any) continue;
        if (event && file->sha256 && strcmp(event->sha256, file->sha256) == 0) continue;
        if (!event)
            finding = add_finding(verdict, g_strdup_printf("%s: the guest did not leave this file",
                                                           file->guest_path));
        else if (!file->sha256)
            finding = add_finding(
                verdict, g_strdup_printf("%s: no golden hash; \"harness bless\" records one",
                                         file->guest_path));
        else
            finding = add_finding(
                verdict, g_strdup_printf("%s: the content differs from %s", file->guest_path,
                                         file->is_repeated ? "that of an earlier attempt"
                                         : file->is_golden ? "the golden file"
                                                           : "what the gate gives"));
        finding->guest_path = g_strdup(file->guest_path);
        set_hashes(finding, file->sha256, event ? event->sha256 : NULL);
    }
}

/* Every file must equal that of the counterpart. */
static void judge_counterpart(Verdict *verdict, const EventLog *log,
                              const GHashTable *counterpart_files) {
    GHashTable *counterparts = (GHashTable *)counterpart_files; /* GLib's readers take no const */
    GHashTableIter iter;
    gpointer path, hash;
    for (guint i = 0; i < log->events->len; i++) {
        const Event *event = event_log_get(log, i);
        if (event->kind != EVENT_FILE) continue;
        const char *counterpart = g_hash_table_lookup(counterparts, event->text);
        if (counterpart && strcmp(counterpart, event->sha256) == 0) continue;
        Finding *finding = add_finding(
            verdict, g_strdup_printf(counterpart ? "%s: the content differs from the file of the "
                                                   "counterpart on the seed kernel"
                                                 : "%s: the counterpart on the seed kernel did not "
                                                   "leave this file",
                                     event->text));
        finding->guest_path = g_strdup(event->text);
        set_hashes(finding, counterpart, event->sha256);
    }
    g_hash_table_iter_init(&iter, counterparts);
    while (g_hash_table_iter_next(&iter, &path, &hash)) {
        if (event_log_find_file(log, path)) continue;
        Finding *finding = add_finding(
            verdict, g_strdup_printf("%s: only the counterpart on the seed kernel left this file",
                                     (char *)path));
        finding->guest_path = g_strdup(path);
        set_hashes(finding, hash, NULL);
    }
}

static void judge_console(Verdict *verdict, const GateCase *c, const EventLog *log) {
    guint found = 0;
    for (guint i = 0; i < log->events->len; i++)
        found += event_log_get(log, i)->kind == EVENT_MATCH;
    if (found >= c->console->len) return;
    gsize length;
    const char *text = g_bytes_get_data(c->console->pdata[found], &length);
    g_autofree char *shown = text_quoted(text, length);
    add_finding(verdict, g_strdup_printf("the console does not show %s%s", shown,
                                         found ? " after the preceding text" : ""));
}

/* Describes the first wait of the dialog that did not match; free with g_free. NULL if all did. */
static char *describe_wait(const GateCase *c, const EventLog *log) {
    guint replies = 0, waits = 0;
    for (guint i = 0; i < log->events->len; i++)
        replies += event_log_get(log, i)->kind == EVENT_REPLY;
    for (guint i = 0; i < c->dialog->len; i++) {
        const DialogStep *step = c->dialog->pdata[i];
        if (step->kind != DIALOG_SEND && waits++ == replies)
            return g_strdup_printf(
                "the dialog still waits for \"%s\" (step %u of %u)%s", step->shown, i + 1,
                c->dialog->len,
                event_log_find(log, EVENT_OPEN)
                    ? "; the text so far matches, but more text could change the match: end "
                      "the expression with the text that follows, or use \"quiet\" (harness "
                      "check --keys)"
                    : "");
    }
    return NULL;
}

static void judge_dialog(Verdict *verdict, const GateCase *c, const EventLog *log) {
    char *waits = describe_wait(c, log);
    if (waits) add_finding(verdict, waits);
}

static void judge_spawns(Verdict *verdict, const GateCase *c, const EventLog *log) {
    const Event *start = event_log_find(log, EVENT_START);
    if (c->spawns < 0 || (start && !(start->number & START_SPAWNS))) return;
    g_autoptr(GArray) spawns = spawns_from_log(log);
    gint64 count = (gint64)log->left_out[EVENT_PROGRAMS];
    for (guint i = 0; i < spawns->len; i++)
        count += g_array_index(spawns, Spawn, i).ppid != 0;
    if (count == c->spawns) return;
    Finding *finding = add_finding(verdict, g_strdup("wrong number of spawned programs"));
    finding->expected = g_strdup_printf("%" G_GINT64_FORMAT " spawns", c->spawns);
    finding->actual = g_strdup_printf("%" G_GINT64_FORMAT " spawns", count);
}

/* With icount one nanosecond of the guest's clock is one instruction (QEMU, -icount shift=0). */
static void judge_budget(Verdict *verdict, const GateCase *c, const EventLog *log) {
    const Event *start = event_log_find(log, EVENT_START);
    g_autoptr(GArray) spawns = spawns_from_log(log);
    if (!c->budget || !start || !(start->number & START_BUDGET) || spawns->len == 0) return;
    gint64 cost = g_array_index(spawns, Spawn, 0).guest_ns;
    if (cost >= 0 && cost <= c->budget) return;
    Finding *finding = add_finding(verdict, g_strdup("init exceeded its budget"));
    finding->expected = g_strdup_printf("at most %" G_GINT64_FORMAT " instructions", c->budget);
    finding->actual = g_strdup_printf("%" G_GINT64_FORMAT " instructions", cost);
}

/* Program output that looks like kernel lines is no failure, but often explains one. */
static void add_foreign(Verdict *verdict, const EventLog *log) {
    const Event *foreign = event_log_find(log, EVENT_FOREIGN);
    const Event *lines = event_log_find(log, EVENT_FOREIGN_LINES);
    if (!foreign || !lines) return;
    g_autofree char *shown = text_line(foreign->text);
    add_finding(verdict,
                g_strdup_printf("a program printed %" G_GINT64_FORMAT
                                " lines that look like kernel lines but lack the nonce of this "
                                "attempt; they count as program output; the first: %s",
                                lines->number, shown));
}

/* Judges cached files like new ones. The rest was judged when the case passed. */
static Verdict *decide_cached(const GateCase *c, const EventLog *log, const GPtrArray *expected,
                              const GHashTable *counterpart_files) {
    Verdict *verdict = verdict_alloc(VERDICT_PASS);
    if (!c->end.is_judged) return verdict;
    judge_files(verdict, log, expected);
    if (counterpart_files) judge_counterpart(verdict, log, counterpart_files);
    if (verdict->findings->len > 0) verdict->kind = VERDICT_FAIL;
    return verdict;
}

/* A program may fail long after a missing system call, so each failed attempt lists them. */
static void add_missing_calls(Verdict *verdict, const EventLog *log) {
    g_auto(GStrv) missing = calls_missing(log);
    for (char **line = missing; *line; line++)
        add_finding(verdict, g_strdup(*line));
}

Verdict *verdict_decide(const GateCase *c, const EventLog *log, const GPtrArray *expected,
                        const GHashTable *counterpart_files) {
    const Event *event;
    Verdict *stopped;
    if ((event = event_log_find(log, EVENT_ERROR)))
        return verdict_new(VERDICT_ERROR, "%s", event->text);
    if (event_log_find(log, EVENT_CACHED))
        return decide_cached(c, log, expected, counterpart_files);
    if ((event = event_log_find(log, EVENT_INTERRUPT)))
        return verdict_new(VERDICT_ERROR, "interrupted by %s", event->text);
    if ((event = event_log_find_line(log, LINE_PANIC))) {
        stopped = verdict_new(VERDICT_PANIC, "the kernel panicked: %s", event->kernel_line.text);
        add_missing_calls(stopped, log);
        return stopped;
    }
    if ((event = event_log_find(log, EVENT_FORBIDDEN)))
        return event->number ? verdict_new(VERDICT_PANIC,
                                           "the kernel panicked, says the console: %s", event->text)
                             : verdict_new(VERDICT_FAIL, "the console shows what it never must: %s",
                                           event->text);
    if ((stopped = decide_stopped(c, log))) {
        if (!c->end.is_judged) judge_console(stopped, c, log);
        judge_dialog(stopped, c, log);
        add_missing_calls(stopped, log);
        return stopped;
    }
    if ((stopped = decide_qemu(c, log))) return stopped;

    Verdict *verdict = verdict_alloc(VERDICT_PASS);
    if ((stopped = judge_status(verdict, c, log))) {
        verdict_free(verdict);
        return stopped;
    }
    if (c->end.is_judged) {
        judge_end(verdict, c, log);
        judge_files(verdict, log, expected);
        if (counterpart_files) judge_counterpart(verdict, log, counterpart_files);
        judge_spawns(verdict, c, log);
        judge_budget(verdict, c, log);
    }
    judge_console(verdict, c, log);
    judge_dialog(verdict, c, log);
    if (verdict->findings->len > 0) {
        verdict->kind = VERDICT_FAIL;
        add_missing_calls(verdict, log);
        add_foreign(verdict, log);
    }
    return verdict;
}
