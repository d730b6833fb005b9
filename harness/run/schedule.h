/* Runs the cases of a plan, several side by side, each after those it needs. */
#pragma once
#include "attempt/attempt.h"
#include "gate/plan.h"

/* How a case ended. */
typedef struct {
    const PlanCase *planned;
    Verdict *verdict;
    Attempt *attempt;    /* NULL when it was skipped */
    gboolean will_retry; /* it did not pass and is tried once more */
    gboolean recorded;   /* the attempt was made to be recorded, and decides nothing */
} CaseResult;

typedef struct {
    void (*started)(gpointer data, const PlanCase *planned);
    void (*event)(gpointer data, const PlanCase *planned, const Event *event);
    void (*text)(gpointer data, const PlanCase *planned, const guint8 *text, gsize length);
    /* The run is freed when this returns. */
    void (*ended)(gpointer data, const CaseResult *result);
} ScheduleObserver;

/* Counts of verdicts, and whether the user stopped it. */
typedef struct {
    guint counts[VERDICT_KINDS];
    guint unsupported; /* of the skips: those that their driver cannot run */
    gboolean interrupted;
} ScheduleResult;

typedef struct {
    guint jobs;     /* guests side by side */
    guint retries;  /* a case that does not pass is tried so many times more */
    guint max_fail; /* once so many cases have gone wrong no other begins; 0: all do */
} ScheduleLimits;

/* Runs everything, and where recordings are wanted what does not pass once more to be recorded;
 * returns when the last case has ended. Signals stop it (signals.h). */
ScheduleResult schedule_run(const Plan *plan, const ScheduleLimits *limits,
                            const AttemptOptions *options, const ScheduleObserver *observer,
                            gpointer data);
