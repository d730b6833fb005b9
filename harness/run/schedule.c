#include "run/schedule.h"
#include "base/signals.h"

typedef enum { WAITING, RUNNING, PASSED, NOT_PASSED } State;

typedef struct {
    const Plan *plan;
    const ScheduleLimits *limits;
    guint failed;       /* cases that failed after all retries */
    guint *attempts;    /* started attempts of each case */
    VerdictKind *kinds; /* the verdict of each case so far, without recordings */
    const AttemptOptions *options;
    const ScheduleObserver *observer;
    gpointer data;
    State *states;
    Attempt **running_attempts; /* of the cases that are running */
    gboolean compares;          /* some case has a counterpart */
    GHashTable **files; /* with `compares`: guest path -> sha256 for each case that has run */
    guint running;
    ScheduleResult result;
    GMainLoop *loop;
} Schedule;

static guint find_index(const Schedule *schedule, const Attempt *attempt) {
    guint index = 0;
    while (schedule->running_attempts[index] != attempt)
        index++;
    return index;
}

static gboolean has_ended(const Schedule *schedule, guint index) {
    return schedule->states[index] == PASSED || schedule->states[index] == NOT_PASSED;
}

/* The files of an attempt, to compare with its counterpart. */
static GHashTable *collect_files(const Attempt *attempt) {
    GHashTable *files = g_hash_table_new_full(g_str_hash, g_str_equal, g_free, g_free);
    for (guint i = 0; i < attempt->log->events->len; i++) {
        const Event *event = event_log_get(attempt->log, i);
        if (event->kind == EVENT_FILE)
            g_hash_table_insert(files, g_strdup(event->text), g_strdup(event->sha256));
    }
    return files;
}

/* Whether the attempt of that number is the recording, after all retries. */
static gboolean is_recording(const Schedule *schedule, guint number) {
    return schedule->options->records && number == schedule->limits->retries + 2;
}

static void end_case(Schedule *schedule, guint index, Verdict *verdict, Attempt *attempt) {
    guint number = schedule->attempts[index];
    gboolean recorded = attempt && is_recording(schedule, number);
    gboolean bad = verdict->kind != VERDICT_PASS && verdict->kind != VERDICT_SKIP;
    gboolean will_retry =
        attempt && bad && !schedule->result.interrupted &&
        (number <= schedule->limits->retries || is_recording(schedule, number + 1));
    CaseResult result = {schedule->plan->cases->pdata[index], verdict, attempt, will_retry,
                         recorded};
    if (!recorded) schedule->kinds[index] = verdict->kind;
    VerdictKind kind = schedule->kinds[index];
    schedule->states[index] = will_retry ? WAITING : kind == VERDICT_PASS ? PASSED : NOT_PASSED;
    schedule->result.counts[kind] += !will_retry;
    schedule->result.excused += kind == VERDICT_SKIP && attempt;
    schedule->failed += !will_retry && kind != VERDICT_PASS && kind != VERDICT_SKIP;
    if (schedule->compares && attempt && !recorded && result.planned->counterpart < 0) {
        g_clear_pointer(&schedule->files[index], g_hash_table_unref);
        schedule->files[index] = collect_files(attempt);
    }
    schedule->observer->ended(schedule->data, &result);
}

/* The first needed case that did not pass, or NULL. */
static const PlanCase *failed_need(const Schedule *schedule, const PlanCase *planned) {
    for (guint i = 0; i < planned->needs->len; i++) {
        guint need = g_array_index(planned->needs, guint, i);
        if (schedule->states[need] == NOT_PASSED) return schedule->plan->cases->pdata[need];
    }
    return NULL;
}

static gboolean is_ready(const Schedule *schedule, const PlanCase *planned) {
    for (guint i = 0; i < planned->needs->len; i++)
        if (schedule->states[g_array_index(planned->needs, guint, i)] != PASSED) return FALSE;
    return planned->counterpart < 0 || has_ended(schedule, (guint)planned->counterpart);
}

/* Why a case must be skipped, or NULL. */
static Verdict *find_skip(const Schedule *schedule, const PlanCase *planned) {
    const PlanCase *need = failed_need(schedule, planned);
    guint max_fail = schedule->limits->max_fail;
    if (planned->unsupported)
        return verdict_new(VERDICT_SKIP, "not for the driver %s: %s", driver_name(planned->driver),
                           planned->unsupported);
    if (planned->missing)
        return verdict_new(VERDICT_SKIP, "this machine cannot run it: %s", planned->missing);
    if (need) return verdict_new(VERDICT_SKIP, "needs %s, which did not pass", need->id);
    if (schedule->result.interrupted)
        return verdict_new(VERDICT_SKIP, "interrupted before it started");
    if (max_fail > 0 && schedule->failed >= max_fail)
        return verdict_new(VERDICT_SKIP, "not started: %u %s (--max-fail %u)", schedule->failed,
                           schedule->failed == 1 ? "case failed" : "cases failed", max_fail);
    return NULL;
}

static const AttemptObserver attempt_observer;

/* Starts cases that are ready and skips cases that cannot run. */
static void advance(Schedule *schedule) {
    guint count = schedule->plan->cases->len;
    for (guint i = 0; i < count; i++) {
        const PlanCase *planned = schedule->plan->cases->pdata[i];
        if (schedule->states[i] != WAITING) continue;
        g_autoptr(Verdict) skip = find_skip(schedule, planned);
        if (skip) {
            schedule->result.excused += planned->unsupported || planned->missing;
            end_case(schedule, i, skip, NULL);
        } else if (schedule->running < schedule->limits->jobs && is_ready(schedule, planned)) {
            schedule->states[i] = RUNNING;
            schedule->attempts[i]++;
            schedule->running++;
            schedule->observer->started(schedule->data, planned);
            AttemptSubject subject = {
                planned->gate,
                planned->gate_case,
                planned->golden,
                planned->driver,
                planned->counterpart >= 0 ? schedule->files[planned->counterpart] : NULL,
                is_recording(schedule, schedule->attempts[i]) ? schedule->options->records : NULL,
                schedule->attempts[i]};
            schedule->running_attempts[i] =
                attempt_start(&subject, schedule->options, &attempt_observer, schedule);
        }
    }
    if (schedule->running == 0) g_main_loop_quit(schedule->loop);
}

static void on_event(gpointer data, Attempt *attempt, const Event *event) {
    Schedule *schedule = data;
    guint index = find_index(schedule, attempt);
    schedule->observer->event(schedule->data, schedule->plan->cases->pdata[index], event);
}

static void on_text(gpointer data, Attempt *attempt, const guint8 *text, gsize length) {
    Schedule *schedule = data;
    guint index = find_index(schedule, attempt);
    schedule->observer->text(schedule->data, schedule->plan->cases->pdata[index], text, length);
}

static void on_finished(gpointer data, Attempt *attempt) {
    Schedule *schedule = data;
    guint index = find_index(schedule, attempt);
    end_case(schedule, index, attempt->verdict, attempt);
    schedule->running_attempts[index] = NULL;
    schedule->running--;
    attempt_free(attempt);
    advance(schedule);
}

static const AttemptObserver attempt_observer = {on_event, on_text, on_finished};

static void on_signal(gpointer data, int number) {
    Schedule *schedule = data;
    schedule->result.interrupted = TRUE;
    for (guint i = 0; i < schedule->plan->cases->len; i++)
        if (schedule->running_attempts[i])
            attempt_interrupt(schedule->running_attempts[i], signals_name(number));
}

ScheduleResult schedule_run(const Plan *plan, const ScheduleLimits *limits,
                            const AttemptOptions *options, const ScheduleObserver *observer,
                            gpointer data) {
    Schedule schedule = {
        .plan = plan, .limits = limits, .options = options, .observer = observer, .data = data};
    g_autofree State *states = schedule.states = g_new0(State, plan->cases->len);
    g_autofree guint *attempts = schedule.attempts = g_new0(guint, plan->cases->len);
    g_autofree VerdictKind *kinds = schedule.kinds = g_new0(VerdictKind, plan->cases->len);
    g_autofree Attempt **running = schedule.running_attempts = g_new0(Attempt *, plan->cases->len);
    schedule.files = g_new0(GHashTable *, plan->cases->len);
    for (guint i = 0; i < plan->cases->len; i++)
        schedule.compares |= ((PlanCase *)plan->cases->pdata[i])->counterpart >= 0;
    schedule.loop = g_main_loop_new(NULL, FALSE);
    signals_catch(on_signal, &schedule);
    advance(&schedule);
    if (schedule.running > 0) g_main_loop_run(schedule.loop);
    signals_release();
    g_main_loop_unref(schedule.loop);
    for (guint i = 0; i < plan->cases->len; i++)
        g_clear_pointer(&schedule.files[i], g_hash_table_unref);
    g_free(schedule.files);
    return schedule.result;
}
