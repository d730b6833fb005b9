/* Runs the cases of a plan, several side by side, each after those it needs. */
#pragma once
#include "attempt/attempt.h"
#include "gate/plan.h"

/* How a case ended. */
typedef struct {
    const PlanCase *planned;
    Verdict *verdict;
    Attempt *attempt;    /* NULL when it was skipped */
    gboolean will_retry; /* it did not pass and will be retried */
    gboolean recorded;   /* the attempt was only made for the recording */
} CaseResult;

typedef struct {
    void (*started)(gpointer data, const PlanCase *planned);
    void (*event)(gpointer data, const PlanCase *planned, const Event *event);
    void (*text)(gpointer data, const PlanCase *planned, const guint8 *text, gsize length);
    /* The run is freed when this returns. */
    void (*ended)(gpointer data, const CaseResult *result);
} ScheduleObserver;

/* Counts of verdicts, and whether the user interrupted the run. */
typedef struct {
    guint counts[VERDICT_KINDS];
    guint excused; /* of the skips: those that are no failure, since the driver, this machine or
                      the guest itself does not support the case */
    gboolean interrupted;
} ScheduleResult;

typedef struct {
    guint jobs;     /* guests running at once */
    guint retries;  /* how often a case that does not pass is retried */
    guint max_fail; /* failures after which no other case starts; 0: no limit */
} ScheduleLimits;

/* Runs all cases and, if requested, records those that do not pass; returns when the last case has
 * ended. Signals interrupt it (signals.h). */
ScheduleResult schedule_run(const Plan *plan, const ScheduleLimits *limits,
                            const AttemptOptions *options, const ScheduleObserver *observer,
                            gpointer data);
