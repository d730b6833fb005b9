/* What the commands that run cases have in common: flags, locks, reports, exit status. */
#pragma once
#include "run/schedule.h"

/* How a case ended, for a command that wants more than the report. */
typedef void (*SessionEnded)(gpointer data, const CaseResult *result);

/*
 * Runs `plan` under run_flags (command.h) with journal and reports; `ended` may be NULL. Waits for
 * another harness that writes into the same outputs. `blessed` (RunOptions) is NULL where goldens
 * are judged. Returns the exit status, or -1 and *error.
 */
int session_run(const Plan *plan, GHashTable *blessed, SessionEnded ended, gpointer data,
                GError **error);

/* plan_new, --filter, --failed and shards (session_plan.c). With `whole` nothing is left to another
 * shard. NULL and *error. */
Plan *session_plan(const char *const *paths, gboolean whole, GError **error);
