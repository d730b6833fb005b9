#include "attempt/attempt_state.h"
#include "base/clock.h"
#include "base/error.h"
#include <string.h>

#define MS_NS G_GINT64_CONSTANT(1000000)
/* How long QEMU may take to end after SIGTERM or after it closed its console. */
#define GRACE_NS (1000 * MS_NS)
/* A recording QEMU takes seconds to react, and its log is useless if it is killed before. */
#define RECORDING_GRACE_NS (15 * 1000 * MS_NS)

/* Passes new events to the observer, but none before the caller has its attempt. */
static void tell(AttemptState *attempt) {
    const EventLog *log = attempt->public.log;
    while (attempt->is_live && attempt->observed < log->events->len)
        attempt->observer->event(attempt->data, &attempt->public,
                                 event_log_get(log, attempt->observed++));
}

void attempt_append(AttemptState *attempt, const Event *event) {
    event_log_append(attempt->public.log, event);
    tell(attempt);
}

void attempt_event(AttemptState *attempt, EventKind kind, const char *text) {
    attempt_append(attempt, &(Event){.kind = kind, .text = text});
}

void attempt_go_live(AttemptState *attempt) {
    attempt->is_live = TRUE;
    tell(attempt);
}

void attempt_guest_event(AttemptState *attempt, EventKind kind, const char *text) {
    gsize bytes = sizeof(Event) + (text ? strlen(text) : 0);
    if (event_log_has_room(attempt->public.log, EVENT_LINES, bytes))
        attempt_event(attempt, kind, text);
}

void attempt_progress(AttemptState *attempt) { attempt->progress_ns = clock_now_ns(); }

/* How long QEMU may take to end. */
static gint64 grace_ns(const AttemptState *attempt) {
    return attempt->replay_path ? RECORDING_GRACE_NS : GRACE_NS;
}

void attempt_begin_grace(AttemptState *attempt) {
    if (attempt->grace_end_ns == 0) attempt->grace_end_ns = clock_now_ns() + grace_ns(attempt);
}

void attempt_stop(AttemptState *attempt) {
    attempt->stopping = TRUE;
    if (attempt->guest && !attempt->exited && attempt->grace_end_ns == 0) {
        guest_kill(attempt->guest, FALSE);
        attempt_begin_grace(attempt);
    }
    attempt_look_at(attempt, 0);
}

void attempt_saw_end(AttemptState *attempt) {
    attempt_begin_grace(attempt);
    /* All files are out and nothing more will come: to wait for the power-off and for QEMU to
     * tear itself down would cost 3 ms a run. A recording is whole only at its end, and whether the
     * power-off counts as covered must not depend on who is faster; a QEMU that can dump a core
     * stands still instead, as does a warm one. */
    gboolean is_counted = attempt->public.counters_fd >= 0 && !attempt->core_path;
    if (!attempt->replay_path && !is_counted && !attempt->warm) guest_kill(attempt->guest, TRUE);
}

void attempt_look_at(AttemptState *attempt, gint64 at_ns) {
    if (!attempt->watchdog || at_ns >= attempt->wake_ns) return;
    attempt->wake_ns = at_ns;
    g_source_set_ready_time(attempt->watchdog, at_ns / 1000);
}

void attempt_error(AttemptState *attempt, const char *what, GError *error) {
    if (!attempt->stopping) {
        g_prefix_error(&error, "%s: ", what);
        attempt_event(attempt, EVENT_ERROR, error->message);
    }
    g_error_free(error);
    attempt_stop(attempt);
}

void attempt_drop_source(GSource **source) {
    if (*source) {
        g_source_destroy(*source);
        g_source_unref(*source);
        *source = NULL;
    }
}
