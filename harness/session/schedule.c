#include "session/schedule.h"
#include "base/signals.h"

typedef enum { WAITING, RUNNING, PASSED, NOT_PASSED } State;

typedef struct {
    const Plan *plan;
    const ScheduleLimits *limits;
    guint failed;       /* cases that have gone wrong for good */
    guint *attempts;    /* of each case, begun */
    VerdictKind *kinds; /* of each case, of its last attempt that decides */
    const RunOptions *options;
    const ScheduleObserver *observer;
    gpointer data;
    State *states;
    Run **runs;         /* of the cases that are running */
    gboolean compares;  /* some case has a twin */
    GHashTable **files; /* then, of each case that has run: guest path -> sha256 */
    guint running;
    ScheduleResult result;
    GMainLoop *loop;
} Schedule;

static guint find_index(const Schedule *schedule, const Run *run) {
    guint index = 0;
    while (schedule->runs[index] != run)
        index++;
    return index;
}

static gboolean has_ended(const Schedule *schedule, guint index) {
    return schedule->states[index] == PASSED || schedule->states[index] == NOT_PASSED;
}

/* What a run left, for its twin to be compared with. */
static GHashTable *collect_files(const Run *run) {
    GHashTable *files = g_hash_table_new_full(g_str_hash, g_str_equal, g_free, g_free);
    for (guint i = 0; i < run->log->events->len; i++) {
        const Event *event = event_log_get(run->log, i);
        if (event->kind == EVENT_FILE)
            g_hash_table_insert(files, g_strdup(event->text), g_strdup(event->sha256));
    }
    return files;
}

/* Whether the attempt of that number is one after all that decide. */
static gboolean is_recording(const Schedule *schedule, guint attempt) {
    return schedule->options->records && attempt == schedule->limits->retries + 2;
}

static void end_case(Schedule *schedule, guint index, Verdict *verdict, Run *run) {
    guint attempt = schedule->attempts[index];
    gboolean recorded = run && is_recording(schedule, attempt);
    gboolean bad = verdict->kind != VERDICT_PASS && verdict->kind != VERDICT_SKIP;
    gboolean again = run && bad && !schedule->result.interrupted &&
                     (attempt <= schedule->limits->retries || is_recording(schedule, attempt + 1));
    CaseResult result = {schedule->plan->cases->pdata[index], verdict, run, again, recorded};
    if (!recorded) schedule->kinds[index] = verdict->kind;
    VerdictKind kind = schedule->kinds[index];
    schedule->states[index] = again ? WAITING : kind == VERDICT_PASS ? PASSED : NOT_PASSED;
    schedule->result.counts[kind] += !again;
    schedule->failed += !again && kind != VERDICT_PASS && kind != VERDICT_SKIP;
    if (schedule->compares && run && !recorded && result.item->twin < 0) {
        g_clear_pointer(&schedule->files[index], g_hash_table_unref);
        schedule->files[index] = collect_files(run);
    }
    schedule->observer->ended(schedule->data, &result);
}

/* The first of its needs that has not passed for good, or NULL. */
static const PlanCase *failed_need(const Schedule *schedule, const PlanCase *item) {
    for (guint i = 0; i < item->needs->len; i++) {
        guint need = g_array_index(item->needs, guint, i);
        if (schedule->states[need] == NOT_PASSED) return schedule->plan->cases->pdata[need];
    }
    return NULL;
}

static gboolean is_ready(const Schedule *schedule, const PlanCase *item) {
    for (guint i = 0; i < item->needs->len; i++)
        if (schedule->states[g_array_index(item->needs, guint, i)] != PASSED) return FALSE;
    return item->twin < 0 || has_ended(schedule, (guint)item->twin);
}

/* Why a case is not to begin any more, or NULL. */
static Verdict *find_skip(const Schedule *schedule, const PlanCase *item) {
    const PlanCase *need = failed_need(schedule, item);
    guint max_fail = schedule->limits->max_fail;
    if (item->refused)
        return verdict_new(VERDICT_SKIP, "not for the driver %s: %s", driver_name(item->driver),
                           item->refused);
    if (need) return verdict_new(VERDICT_SKIP, "it needs %s, which did not pass", need->id);
    if (schedule->result.interrupted)
        return verdict_new(VERDICT_SKIP, "interrupted before it began");
    if (max_fail > 0 && schedule->failed >= max_fail)
        return verdict_new(VERDICT_SKIP, "not begun: %u %s wrong before it (--max-fail %u)",
                           schedule->failed, schedule->failed == 1 ? "case went" : "cases went",
                           max_fail);
    return NULL;
}

static const RunObserver run_observer;

/* Starts what can be started and skips what cannot run any more. */
static void advance(Schedule *schedule) {
    guint count = schedule->plan->cases->len;
    for (guint i = 0; i < count; i++) {
        const PlanCase *item = schedule->plan->cases->pdata[i];
        if (schedule->states[i] != WAITING) continue;
        g_autoptr(Verdict) skip = find_skip(schedule, item);
        if (skip) {
            schedule->result.refused += item->refused != NULL;
            end_case(schedule, i, skip, NULL);
        } else if (schedule->running < schedule->limits->jobs && is_ready(schedule, item)) {
            schedule->states[i] = RUNNING;
            schedule->attempts[i]++;
            schedule->running++;
            schedule->observer->started(schedule->data, item);
            RunSubject subject = {
                item->gate,
                item->c,
                item->golden,
                item->driver,
                item->twin >= 0 ? schedule->files[item->twin] : NULL,
                is_recording(schedule, schedule->attempts[i]) ? schedule->options->records : NULL,
                schedule->attempts[i]};
            schedule->runs[i] = run_start(&subject, schedule->options, &run_observer, schedule);
        }
    }
    if (schedule->running == 0) g_main_loop_quit(schedule->loop);
}

static void on_event(gpointer data, Run *run, const Event *event) {
    Schedule *schedule = data;
    /* EVENT_START comes before run_start has returned. */
    if (event->kind == EVENT_START) return;
    guint index = find_index(schedule, run);
    schedule->observer->event(schedule->data, schedule->plan->cases->pdata[index], event);
}

static void on_text(gpointer data, Run *run, const guint8 *text, gsize length) {
    Schedule *schedule = data;
    guint index = find_index(schedule, run);
    schedule->observer->text(schedule->data, schedule->plan->cases->pdata[index], text, length);
}

static void on_finished(gpointer data, Run *run) {
    Schedule *schedule = data;
    guint index = find_index(schedule, run);
    end_case(schedule, index, run->verdict, run);
    schedule->runs[index] = NULL;
    schedule->running--;
    run_free(run);
    advance(schedule);
}

static const RunObserver run_observer = {on_event, on_text, on_finished};

static void on_signal(gpointer data, int number) {
    Schedule *schedule = data;
    schedule->result.interrupted = TRUE;
    for (guint i = 0; i < schedule->plan->cases->len; i++)
        if (schedule->runs[i]) run_interrupt(schedule->runs[i], signals_name(number));
}

ScheduleResult schedule_run(const Plan *plan, const ScheduleLimits *limits,
                            const RunOptions *options, const ScheduleObserver *observer,
                            gpointer data) {
    Schedule schedule = {
        .plan = plan, .limits = limits, .options = options, .observer = observer, .data = data};
    g_autofree State *states = schedule.states = g_new0(State, plan->cases->len);
    g_autofree guint *attempts = schedule.attempts = g_new0(guint, plan->cases->len);
    g_autofree VerdictKind *kinds = schedule.kinds = g_new0(VerdictKind, plan->cases->len);
    g_autofree Run **runs = schedule.runs = g_new0(Run *, plan->cases->len);
    schedule.files = g_new0(GHashTable *, plan->cases->len);
    for (guint i = 0; i < plan->cases->len; i++)
        schedule.compares |= ((PlanCase *)plan->cases->pdata[i])->twin >= 0;
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
