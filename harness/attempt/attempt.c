/* The life of an attempt: attempt_prepare, then the events of QEMU (attempt_console,
 * attempt_control, attempt_limits), then attempt_result. */
#include "attempt/attempt_cache.h"
#include "attempt/attempt_console.h"
#include "attempt/attempt_control.h"
#include "attempt/attempt_limits.h"
#include "attempt/attempt_prepare.h"
#include "attempt/attempt_result.h"
#include "attempt/attempt_stream.h"
#include "attempt/attempt_talk.h"
#include "attempt/attempt_warm.h"
#include "base/clock.h"
#include "base/fdio.h"
#include "guest/confinement.h"
#include <errno.h>
#include <glib-unix.h>
#include <string.h>
#include <unistd.h>

/* QEMU prints a line or two of errors. */
#define STDERR_MAX 4096

/* ---- Events of QEMU ---- */

static gboolean on_stderr(int fd, GIOCondition condition, gpointer data) {
    (void)condition;
    AttemptState *attempt = data;
    char buffer[STDERR_MAX];
    ssize_t got;
    while ((got = read(fd, buffer, sizeof buffer)) > 0)
        if (attempt->stderr_text->len < STDERR_MAX)
            g_string_append_len(attempt->stderr_text, buffer, got);
    if (got < 0 && (errno == EAGAIN || errno == EINTR)) return G_SOURCE_CONTINUE;
    attempt_drop_source(&attempt->stderr_source);
    return G_SOURCE_REMOVE;
}

static void on_qemu_exit(GObject *process, GAsyncResult *result, gpointer data) {
    AttemptState *attempt = data;
    g_autoptr(GError) error = NULL;
    if (!g_subprocess_wait_finish(G_SUBPROCESS(process), result, &error) &&
        g_error_matches(error, G_IO_ERROR, G_IO_ERROR_CANCELLED))
        return;
    attempt->exited = TRUE;
    on_stderr(attempt->guest->stderr_fd, G_IO_IN, attempt);
    /* QMP says whether the guest was started. */
    if (attempt->qmp_source) attempt_control_ready(attempt->guest->qmp_fd, G_IO_IN, attempt);
    g_autofree char *said = g_utf8_make_valid(attempt->stderr_text->str, -1);
    g_strdelimit(g_strchomp(said), "\n", ' ');
    g_autofree char *text = g_strconcat(said, confinement_hint(said), guest_drive_hint(said), NULL);
    attempt_append(attempt, &(Event){.kind = EVENT_QEMU_EXIT,
                                     .text = text,
                                     .number = g_subprocess_get_status(G_SUBPROCESS(process))});
    attempt_finish_when_ended(attempt);
}

static gboolean dispatch_own(GSource *source, GSourceFunc callback, gpointer data) {
    (void)source;
    return callback(data);
}

static GSourceFuncs own_source_funcs = {.dispatch = dispatch_own};

static GSource *watch(int fd, GUnixFDSourceFunc function, AttemptState *attempt) {
    GSource *source = g_unix_fd_source_new(fd, G_IO_IN | G_IO_HUP | G_IO_ERR);
    g_source_set_callback(source, G_SOURCE_FUNC(function), attempt, NULL);
    g_source_attach(source, NULL);
    return source;
}

/* A source that calls `function` at its ready time or for a descriptor. */
static GSource *new_source(GSourceFunc function, AttemptState *attempt) {
    GSource *source = g_source_new(&own_source_funcs, sizeof(GSource));
    g_source_set_callback(source, function, attempt, NULL);
    g_source_attach(source, NULL);
    return source;
}

/* All sources have one priority: a guest that prints without end must not starve the limits. */
static void listen_to_guest(AttemptState *attempt) {
    attempt->console_source = new_source(attempt_console_ready, attempt);
    attempt->console_tag =
        g_source_add_unix_fd(attempt->console_source, attempt->guest->console_fd, G_IO_IN);
    outbox_init(&attempt->commands, attempt->guest->qmp_fd);
    attempt->qmp_source = watch(attempt->guest->qmp_fd, attempt_control_ready, attempt);
    attempt->stderr_source = watch(attempt->guest->stderr_fd, on_stderr, attempt);
    g_subprocess_wait_async(attempt->guest->process, attempt->waiting, on_qemu_exit, attempt);
    attempt->watchdog = new_source(attempt_limits_ready, attempt);
    /* Time spent so far is not the guest's; from now on the watchdog notices delays. */
    gint64 now_ns = clock_now_ns();
    attempt->stopped_ns = now_ns - attempt->start_ns;
    attempt->progress_ns = now_ns;
    attempt->wake_ns = G_MAXINT64;
    attempt_look_at(attempt, now_ns);
    attempt_talk_begin(attempt);
}

/* ---- The start and the end ---- */

static void fail_to_start(AttemptState *attempt, const GError *error) {
    attempt_event(attempt, EVENT_ERROR, error->message);
    g_clear_pointer(&attempt->console, console_free);
}

static void start_guest(AttemptState *attempt) {
    g_autoptr(GError) error = NULL;
    if (attempt_prepare_guest(attempt, &error))
        listen_to_guest(attempt);
    else
        fail_to_start(attempt, error);
}

/* Passes on what the attempt has seen, now that the caller has it. One that is cached, or could not
 * start, has already ended. */
static gboolean go_live(gpointer data) {
    AttemptState *attempt = data;
    if (!attempt->warm) attempt_go_live(attempt);
    if (!attempt->guest && !attempt->asking) attempt_finish(attempt);
    return G_SOURCE_REMOVE;
}

static void on_answer(GObject *source, GAsyncResult *answer, gpointer data) {
    (void)source;
    AttemptState *attempt = data;
    attempt_cache_answered(attempt, answer);
    if (!attempt->is_cached && !attempt->stopping) start_guest(attempt);
    go_live(attempt);
}

static void on_ended(AttemptState *attempt);

/* What an attempt has before it begins. */
static void init(AttemptState *attempt, const AttemptSubject *subject,
                 const AttemptOptions *options, const AttemptObserver *observer, gpointer data) {
    const GateCase *c = subject->gate_case;
    attempt->public.subject = *subject;
    attempt->public.label = driver_label(subject->driver, subject->gate->name);
    attempt->public.log = event_log_new();
    excerpt_init(&attempt->public.console);
    attempt->line_strings = g_string_chunk_new(4096);
    attempt->running = g_hash_table_new(NULL, NULL);
    attempt->options = options;
    attempt->observer = observer;
    attempt->data = data;
    if (options->out_root)
        attempt->folder = driver_output_path(options->out_root, attempt->public.label, c->name, "");
    attempt->qmp = qmp_new();
    matcher_init(&attempt->matcher, c->console);
    attempt->talks = attempt_talk_new(attempt);
    attempt->watch = watch_new(c);
    if (c->results != RESULTS_NONE) attempt->results = attempt_stream_results(attempt);
    attempt->seed_out_fd = attempt->transcript_fd = attempt->public.counters_fd = -1;
    attempt->stderr_text = g_string_new(NULL);
    attempt->waiting = g_cancellable_new();
    attempt->start_ns = attempt->progress_ns = clock_now_ns();
    attempt->ended = on_ended;
}

static void begin(AttemptState *attempt) {
    const AttemptSubject *subject = &attempt->public.subject;
    /* Budgets apply to the seed kernel only, and K0 logs no programs. */
    gint64 judged = attempt->options->icount && subject->driver == DRIVER_SEED ? START_BUDGET : 0;
    if (subject->driver != DRIVER_HEX) judged |= START_SPAWNS;
    attempt_append(attempt, &(Event){.kind = EVENT_START, .number = judged});
    if (attempt->why_cold) attempt_event(attempt, EVENT_COLD, attempt->why_cold);
    g_autoptr(GError) error = NULL;
    if (!attempt_prepare(attempt, &error))
        fail_to_start(attempt, error);
    else if (attempt_cache_may_ask(attempt))
        attempt_cache_ask(attempt, on_answer);
    else if (!attempt->is_cached)
        start_guest(attempt);
    g_idle_add_full(G_PRIORITY_HIGH, go_live, attempt, NULL);
}

void attempt_interrupt(Attempt *public, const char *by) {
    AttemptState *attempt = (AttemptState *)public;
    if (attempt->stopping || event_log_find_line(public->log, LINE_END)) return;
    attempt_event(attempt, EVENT_INTERRUPT, by);
    attempt_stop(attempt);
    if (attempt->asking) g_cancellable_cancel(attempt->asking);
}

static void clear(AttemptState *attempt) {
    Attempt *public = &attempt->public;
    attempt_warm_end(attempt);
    g_cancellable_cancel(attempt->waiting);
    g_object_unref(attempt->waiting);
    g_ptr_array_unref(attempt->talks);
    outbox_clear(&attempt->commands);
    g_clear_pointer(&attempt->guest, guest_free);
    g_clear_pointer(&attempt->console, console_free);
    g_clear_pointer(&attempt->outputs, outputs_free);
    g_clear_pointer(&attempt->drives, g_ptr_array_unref);
    g_clear_pointer(&public->inputs, inputs_free);
    g_clear_pointer(&public->verdict, verdict_free);
    g_clear_pointer(&attempt->capture, capture_free);
    g_free(public->diagnosis);
    g_free(public->label);
    g_clear_pointer(&attempt->qmp, qmp_free);
    matcher_clear(&attempt->matcher);
    watch_free(attempt->watch);
    g_clear_pointer(&attempt->results, results_free);
    fdio_clear(&attempt->seed_out_fd);
    fdio_clear(&attempt->transcript_fd);
    fdio_clear(&public->counters_fd);
    g_string_free(attempt->stderr_text, TRUE);
    g_free(attempt->why_cold);
    g_free(attempt->cache_key);
    g_free(attempt->ingredients);
    g_free(attempt->core_path);
    g_free(attempt->replay_path);
    excerpt_clear(&public->console);
    g_string_chunk_free(attempt->line_strings);
    g_hash_table_unref(attempt->running);
    event_log_free(public->log);
    g_free(attempt->nonce);
    g_free(attempt->qemu);
    g_free(attempt->kernel);
    g_free(attempt->folder);
}

/* Begins anew, on a QEMU of its own. */
static void begin_cold(AttemptState *attempt) {
    const AttemptSubject subject = attempt->public.subject;
    const AttemptOptions *options = attempt->options;
    const AttemptObserver *observer = attempt->observer;
    gpointer data = attempt->data;
    const Verdict *verdict = attempt->public.verdict;
    const Finding *first = verdict->findings->len > 0 ? verdict->findings->pdata[0] : NULL;
    g_autofree char *text = g_strdup_printf(
        "it did not pass on a QEMU that is reset between cases, which does not count: %s%s%s",
        verdict_name(verdict->kind), first ? ": " : "", first ? first->text : "");
    clear(attempt);
    *attempt = (AttemptState){0};
    init(attempt, &subject, options, observer, data);
    attempt->why_cold = g_steal_pointer(&text);
    begin(attempt);
}

static void on_ended(AttemptState *attempt) {
    if (attempt_runs_again(attempt)) {
        begin_cold(attempt);
        return;
    }
    attempt_go_live(attempt);
    attempt->observer->finished(attempt->data, &attempt->public);
}

Attempt *attempt_start(const AttemptSubject *subject, const AttemptOptions *options,
                       const AttemptObserver *observer, gpointer data) {
    AttemptState *attempt = g_new0(AttemptState, 1);
    init(attempt, subject, options, observer, data);
    begin(attempt);
    return &attempt->public;
}

void attempt_free(Attempt *public) {
    AttemptState *attempt = (AttemptState *)public;
    clear(attempt);
    g_free(attempt);
}
