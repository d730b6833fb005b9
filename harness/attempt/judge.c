#include "attempt/judge.h"
#include "attempt/results.h"
#include "attempt/spawns.h"
#include "base/text.h"
#include <string.h>
#include <sys/wait.h>

/* The hashes of a file, either of which may be NULL, and the text that shows them. */
static void set_hashes(Finding *finding, const char *expected, const char *actual) {
    finding->expected_sha256 = g_strdup(expected);
    finding->actual_sha256 = g_strdup(actual);
    finding->expected = expected ? g_strconcat("sha256 ", expected, NULL) : NULL;
    finding->actual = actual ? g_strconcat("sha256 ", actual, NULL) : NULL;
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
Verdict *judge_status(Verdict *verdict, const GateCase *c, const EventLog *log) {
    const Event *exit = event_log_find(log, EVENT_QEMU_EXIT);
    if (c->status < 0 || !exit) return NULL;
    gint64 status = WEXITSTATUS((int)exit->number);
    if (has_shutdown(log, "guest-reset")) {
        verdict_add(verdict, g_strdup("the guest reset its machine instead of ending"));
        return NULL;
    }
    if (status == c->skip_status)
        return verdict_new(VERDICT_SKIP,
                           "the guest cannot run here, it says by exit status %" G_GINT64_FORMAT,
                           status);
    if (status == c->status) return NULL;
    Finding *finding = verdict_add(verdict, g_strdup("the guest did not end as expected"));
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
            verdict_add(verdict, g_strdup("the EXIT and END lines disagree about the end of init"));
        finding->expected = describe_exit(status, signal);
        finding->actual = describe_exit(end->end.status, 0);
    }
    if (signal == (guint64)c->end.signal && (signal || status == (guint64)c->end.status)) return;
    if (fault)
        finding = verdict_add(verdict,
                              g_strdup_printf("a fault killed init: ELR 0x%" G_GINT64_MODIFIER
                                              "x, address (FAR) 0x%" G_GINT64_MODIFIER
                                              "x, syndrome (ESR) 0x%" G_GINT64_MODIFIER "x",
                                              fault->exit.elr, fault->exit.far, fault->exit.esr));
    else
        finding = verdict_add(verdict, g_strdup("init did not end as expected"));
    finding->expected = describe_exit((guint64)c->end.status, (guint64)c->end.signal);
    finding->actual = describe_exit(status, signal);
}

/* Judges the END line: number of files, leaked pages, end of init. */
void judge_end(Verdict *verdict, const GateCase *c, const EventLog *log) {
    const Event *end = event_log_find_line(log, LINE_END);
    guint64 files = 0;
    judge_bad(verdict, log);
    for (guint i = 0; i < log->events->len; i++) {
        const Event *event = event_log_get(log, i);
        files += event->kind == EVENT_FILE;
        /* Files and lines that were not kept could not be judged; programs are counted all the
         * same. */
        if (event->kind == EVENT_LEFT_OUT && event->number != EVENT_PROGRAMS)
            verdict_add(verdict, g_strdup(event->text));
    }
    files += log->left_out[EVENT_FILES];
    if (!end) {
        verdict_add(verdict, g_strdup("the guest powered off without an END line, so its output "
                                      "is incomplete; see the console"));
        return;
    }
    if (end->kernel_line.end.files != files) {
        Finding *finding =
            verdict_add(verdict, g_strdup_printf("incomplete dump: END announces %" G_GUINT64_FORMAT
                                                 " files, %" G_GUINT64_FORMAT " arrived",
                                                 end->kernel_line.end.files, files));
        finding->expected =
            g_strdup_printf("%" G_GUINT64_FORMAT " files", end->kernel_line.end.files);
        finding->actual = g_strdup_printf("%" G_GUINT64_FORMAT " files", files);
    }
    if (end->kernel_line.end.leaked_pages != 0)
        verdict_add(verdict, g_strdup_printf("the kernel leaked %" G_GUINT64_FORMAT " pages",
                                             end->kernel_line.end.leaked_pages));
    judge_init(verdict, c, log, &end->kernel_line);
}

void judge_bad(Verdict *verdict, const EventLog *log) {
    for (guint i = 0; i < log->events->len; i++) {
        const Event *event = event_log_get(log, i);
        if (event->kind == EVENT_BAD) verdict_add(verdict, g_strdup(event->text));
    }
}

void judge_files(Verdict *verdict, const EventLog *log, const GPtrArray *expected) {
    for (guint i = 0; i < expected->len; i++) {
        const ExpectedFile *file = expected->pdata[i];
        const Event *event = event_log_find_file(log, file->guest_path);
        Finding *finding;
        if (event && file->any) continue;
        if (event && file->sha256 && strcmp(event->sha256, file->sha256) == 0) continue;
        if (!event)
            finding = verdict_add(verdict, g_strdup_printf("%s: the guest did not leave this file",
                                                           file->guest_path));
        else if (!file->sha256)
            finding = verdict_add(
                verdict, g_strdup_printf("%s: no golden hash; \"harness bless\" records one",
                                         file->guest_path));
        else
            finding = verdict_add(
                verdict, g_strdup_printf("%s: the content differs from %s", file->guest_path,
                                         file->is_repeated ? "that of an earlier attempt"
                                         : file->is_golden ? "the golden file"
                                                           : "what the gate gives"));
        finding->guest_path = g_strdup(file->guest_path);
        set_hashes(finding, file->sha256, event ? event->sha256 : NULL);
    }
}

/* Every file must equal that of the counterpart. */
void judge_counterpart(Verdict *verdict, const EventLog *log, const GHashTable *counterpart_files) {
    GHashTable *counterparts = (GHashTable *)counterpart_files; /* GLib's readers take no const */
    GHashTableIter iter;
    gpointer path, hash;
    for (guint i = 0; i < log->events->len; i++) {
        const Event *event = event_log_get(log, i);
        if (event->kind != EVENT_FILE) continue;
        const char *counterpart = g_hash_table_lookup(counterparts, event->text);
        if (counterpart && strcmp(counterpart, event->sha256) == 0) continue;
        Finding *finding = verdict_add(
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
        Finding *finding = verdict_add(
            verdict, g_strdup_printf("%s: only the counterpart on the seed kernel left this file",
                                     (char *)path));
        finding->guest_path = g_strdup(path);
        set_hashes(finding, hash, NULL);
    }
}

void judge_console(Verdict *verdict, const GateCase *c, const EventLog *log) {
    guint found = 0;
    for (guint i = 0; i < log->events->len; i++)
        found += event_log_get(log, i)->kind == EVENT_MATCH;
    if (found >= c->console->len) return;
    gsize length;
    const char *text = g_bytes_get_data(c->console->pdata[found], &length);
    g_autofree char *shown = text_quoted(text, length);
    verdict_add(verdict, g_strdup_printf("the console does not show %s%s", shown,
                                         found ? " after the preceding text" : ""));
}

/* Whether the dialog on that port has a match that more text could change. */
static gboolean is_open(const EventLog *log, const char *port) {
    for (guint i = 0; i < log->events->len; i++) {
        const Event *event = event_log_get(log, i);
        if (event->kind == EVENT_OPEN && g_strcmp0(event->text, port) == 0) return TRUE;
    }
    return FALSE;
}

/* The first wait of a dialog that did not match; `port`: NULL for the console. */
static void judge_talk(Verdict *verdict, const char *port, const GPtrArray *steps,
                       const EventLog *log) {
    guint next = 0;
    for (guint i = 0; i < log->events->len; i++) {
        const Event *event = event_log_get(log, i);
        if (event->kind == EVENT_REPLY && g_strcmp0(event->text, port) == 0)
            next = (guint)event->number;
    }
    next = dialog_required(steps, next);
    if (next == steps->len) return;
    const DialogStep *step = steps->pdata[next];
    g_autofree char *on = port ? g_strdup_printf(" on the port \"%s\"", port) : g_strdup("");
    verdict_add(verdict, g_strdup_printf(
                             "the dialog%s still waits for \"%s\" (step %u of %u)%s", on,
                             step->shown, next + 1, steps->len,
                             is_open(log, port)
                                 ? "; the text so far matches, but more text could change the "
                                   "match: end the expression with the text that follows, or use "
                                   "\"quiet\" (harness check --keys)"
                                 : ""));
}

void judge_dialog(Verdict *verdict, const GateCase *c, const EventLog *log) {
    judge_talk(verdict, NULL, c->dialog, log);
    for (guint i = 0; i < c->talks->len; i++) {
        const GateTalk *talk = c->talks->pdata[i];
        judge_talk(verdict, talk->port, talk->steps, log);
    }
}

/* Subtests that did not pass are named, as many as a reader looks at. */
#define SUBTESTS_SHOWN 20

void judge_results(Verdict *verdict, const GateCase *c, const EventLog *log) {
    guint64 wrong = 0;
    if (c->results == RESULTS_NONE) return;
    for (guint i = 0; i < log->events->len; i++) {
        const Event *event = event_log_get(log, i);
        gboolean is_wrong = event->kind == EVENT_SUBTEST &&
                            (event->number == RESULT_FAIL || event->number == RESULT_MISSING);
        if (!is_wrong || wrong++ >= SUBTESTS_SHOWN) continue;
        verdict_add(verdict, g_strdup_printf(
                                 "subtest %s %s%s%s", event->text,
                                 event->number == RESULT_FAIL ? "failed" : "was not reached",
                                 event->detail ? ":\n" : "", event->detail ? event->detail : ""));
    }
    if (wrong > SUBTESTS_SHOWN)
        verdict_add(verdict, g_strdup_printf("%" G_GUINT64_FORMAT " more subtests did not pass",
                                             wrong - SUBTESTS_SHOWN));
    if (log->left_out[EVENT_SUBTESTS]) {
        char *text = event_log_describe_left_out(log, EVENT_SUBTESTS);
        verdict_add(verdict, text);
    }
}

void judge_spawns(Verdict *verdict, const GateCase *c, const EventLog *log) {
    const Event *start = event_log_find(log, EVENT_START);
    if (c->spawns < 0 || (start && !(start->number & START_SPAWNS))) return;
    g_autoptr(GArray) spawns = spawns_from_log(log);
    gint64 count = (gint64)log->left_out[EVENT_PROGRAMS];
    for (guint i = 0; i < spawns->len; i++)
        count += g_array_index(spawns, Spawn, i).ppid != 0;
    if (count == c->spawns) return;
    Finding *finding = verdict_add(verdict, g_strdup("wrong number of spawned programs"));
    finding->expected = g_strdup_printf("%" G_GINT64_FORMAT " spawns", c->spawns);
    finding->actual = g_strdup_printf("%" G_GINT64_FORMAT " spawns", count);
}

/* With icount one nanosecond of the guest's clock is one instruction (QEMU, -icount shift=0). */
void judge_budget(Verdict *verdict, const GateCase *c, const EventLog *log) {
    const Event *start = event_log_find(log, EVENT_START);
    g_autoptr(GArray) spawns = spawns_from_log(log);
    if (!c->budget || !start || !(start->number & START_BUDGET) || spawns->len == 0) return;
    gint64 cost = g_array_index(spawns, Spawn, 0).guest_ns;
    if (cost >= 0 && cost <= c->budget) return;
    Finding *finding = verdict_add(verdict, g_strdup("init exceeded its budget"));
    finding->expected = g_strdup_printf("at most %" G_GINT64_FORMAT " instructions", c->budget);
    finding->actual = g_strdup_printf("%" G_GINT64_FORMAT " instructions", cost);
}
