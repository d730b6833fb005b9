#include "attempt/attempt_limits.h"
#include "attempt/attempt_console.h"
#include "attempt/attempt_control.h"
#include "attempt/attempt_result.h"
#include "attempt/attempt_talk.h"
#include "base/clock.h"

#define MS_NS G_GINT64_CONSTANT(1000000)
/* QEMU answers within 40 ms of its start; on a machine that needs seconds no figure is worth
 * anything, but a run may still pass. */
#define ANSWER_LIMIT_NS (20 * 1000 * MS_NS)
/* A reset takes some 2 ms; one that is stuck costs this much before the case runs elsewhere. */
#define WARM_LIMIT_NS (1000 * MS_NS)
/* Linux needs 0.8 s to its init on a quiet machine, and every program takes longer on it. */
#define LINUX_START_NS (10 * 1000 * MS_NS)
#define LINUX_FACTOR   2
/* The watchdog fires at least this often, to measure how long the harness was stopped. On a busy
 * machine it is late by less than a second. */
#define HEARTBEAT_NS (100 * MS_NS)
#define LATE_NS      (20 * MS_NS)
/* A stop this long is reported. */
#define NOTED_STOP_NS (1000 * MS_NS)

/* The longest time that a killed QEMU takes to end. */
#define KILL_NS (1000 * MS_NS)

typedef struct {
    gint64 total_ns, hang_ns; /* hang_ns 0: not watched */
} Limits;

/* The limits of the gate are meant for the seed kernel; Linux gets more time, and so does K0, which
 * prints no line while its programs run. */
static Limits find_limits(const AttemptState *attempt) {
    const GateCase *c = attempt->public.subject.gate_case;
    double factor = attempt->options->timeout_factor > 0 ? attempt->options->timeout_factor : 1;
    Limits limits = {c->timeout_ns, c->hang_ns};
    if (attempt->options->gdb_socket) return (Limits){G_MAXINT64 / 2, 0};
    Driver driver = attempt->public.subject.driver;
    if (driver == DRIVER_LINUX || driver == DRIVER_HEX) {
        limits.total_ns = LINUX_FACTOR * c->timeout_ns + LINUX_START_NS;
        limits.hang_ns = c->hang_ns ? LINUX_FACTOR * c->hang_ns + LINUX_START_NS : 0;
    }
    if (driver == DRIVER_HEX) limits.hang_ns = 0;
    limits.total_ns = MAX((gint64)((double)limits.total_ns * factor), 1);
    if (limits.hang_ns) limits.hang_ns = MAX((gint64)((double)limits.hang_ns * factor), 1);
    return limits;
}

/* The event's number is the limit that was reached, in nanoseconds; `port`: of the dialog that was
 * late, or NULL. */
static void add_limit_event(AttemptState *attempt, EventKind kind, gint64 limit_ns,
                            const char *port) {
    attempt_talk_note_open(attempt);
    g_autofree char *last = excerpt_last_line(&attempt->public.console);
    attempt_append(attempt,
                   &(Event){.kind = kind, .number = limit_ns, .text = last, .detail = port});
}

/* A warm QEMU that has run a case stands still and waits for commands. */
static gint64 answer_limit_ns(const AttemptState *attempt) {
    return attempt->warm && warm_cases(attempt->warm) > 0 ? WARM_LIMIT_NS : ANSWER_LIMIT_NS;
}

/* Acts on the limits that have passed; returns when the next one does. */
static gint64 check_limits(AttemptState *attempt, gint64 now_ns) {
    if (attempt->grace_end_ns) {
        if (now_ns < attempt->grace_end_ns) return attempt->grace_end_ns;
        if (attempt->exited || attempt->console_ended) {
            /* Of QEMU and its console, only one has ended. */
            if (!attempt->exited && !attempt->stopping)
                attempt_event(attempt, EVENT_ERROR, "QEMU closed the console but did not end");
            attempt->stopping = TRUE;
        }
        if (!attempt->exited) guest_kill(attempt->guest, TRUE);
        attempt->console_ended |= attempt->exited;
        attempt->grace_end_ns = now_ns + KILL_NS;
        return attempt->grace_end_ns;
    }
    if (attempt->capture_end_ns) {
        if (now_ns < attempt->capture_end_ns) return attempt->capture_end_ns;
        attempt_capture_end(attempt);
        return attempt->grace_end_ns;
    }
    Limits limits = find_limits(attempt);
    gint64 total_end = attempt->start_ns + attempt->stopped_ns + limits.total_ns;
    gint64 hang_end = limits.hang_ns ? attempt->progress_ns + limits.hang_ns : G_MAXINT64;
    const Talk *late = NULL;
    gint64 late_end = attempt_talk_late_at(attempt, &late);
    gint64 answer_end = attempt->continued || attempt->options->gdb_socket
                            ? G_MAXINT64
                            : attempt->start_ns + attempt->stopped_ns + answer_limit_ns(attempt);
    if (attempt->saw_forbidden)
        ; /* it has its event */
    else if (now_ns >= total_end)
        add_limit_event(attempt, EVENT_TIMEOUT, limits.total_ns, NULL);
    else if (now_ns >= answer_end)
        attempt_event(
            attempt, EVENT_ERROR,
            "QEMU did not answer on its control socket (QMP); check that --qemu names a QEMU");
    else if (attempt->continued && now_ns >= hang_end)
        add_limit_event(attempt, EVENT_HANG, limits.hang_ns, NULL);
    else if (attempt->continued && now_ns >= late_end)
        add_limit_event(attempt, EVENT_LATE, dialog_within_ns(&late->dialog), late->port);
    else
        return MIN(MIN(total_end, answer_end),
                   attempt->continued ? MIN(hang_end, late_end) : G_MAXINT64);
    /* A recording QEMU answers slowly; its replay can be examined instead. What a warm one does is
     * not judged. */
    if (!attempt->continued || attempt->qmp_source == NULL || attempt->replay_path ||
        attempt->warm) {
        attempt_stop(attempt);
        return attempt->grace_end_ns;
    }
    attempt_capture_begin(attempt);
    return attempt->capture_end_ns;
}

static void shift(gint64 *at_ns, gint64 by_ns, gint64 now_ns) {
    if (*at_ns) *at_ns = MIN(*at_ns + by_ns, now_ns);
}

/*
 * The harness was stopped (SIGSTOP, a debugger, a virtual machine that is put away; CLOCK_MONOTONIC
 * does not count a suspended machine) or could not run: the watchdog fires late. A guest whose
 * output nobody reads stands still, so that time does not count.
 */
static void give_back(AttemptState *attempt, gint64 now_ns) {
    gint64 late_ns = now_ns - attempt->wake_ns;
    if (attempt->wake_ns == 0 || late_ns < LATE_NS) return;
    attempt->stopped_ns += late_ns;
    shift(&attempt->progress_ns, late_ns, now_ns);
    attempt_talk_shift(attempt, late_ns, now_ns);
    if (attempt->grace_end_ns) attempt->grace_end_ns += late_ns;
    if (attempt->capture_end_ns) attempt->capture_end_ns += late_ns;
    if (late_ns < NOTED_STOP_NS) return;
    g_autofree char *text =
        g_strdup_printf("the harness was stopped for %.1f s, which do not count towards the limits",
                        (double)late_ns / 1e9);
    attempt_event(attempt, EVENT_STOPPED, text);
}

gboolean attempt_limits_ready(gpointer data) {
    AttemptState *attempt = data;
    give_back(attempt, clock_now_ns());
    /* Processes pending output before any limit. */
    attempt_console_drain(attempt);
    if (clock_now_ns() >= attempt_talk_quiet_at(attempt))
        attempt_talk_quiet(attempt, clock_now_ns());
    gint64 now_ns = clock_now_ns();
    gint64 next_ns = MIN(check_limits(attempt, now_ns), attempt_talk_quiet_at(attempt));
    next_ns = MIN(next_ns, attempt_talk_wake(attempt));
    attempt->wake_ns = CLAMP(next_ns, now_ns, now_ns + HEARTBEAT_NS);
    g_source_set_ready_time(attempt->watchdog, (attempt->wake_ns + 999) / 1000);
    if (attempt->console_ended && attempt->exited) attempt_finish(attempt);
    return G_SOURCE_CONTINUE;
}
