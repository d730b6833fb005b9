/* A run: one invocation that plans cases, makes attempts at them, and reports. */
#pragma once
#include "run/run_options.h"
#include "run/schedule.h"

/* Called with the result of each case, for a command that needs more than reports. */
typedef void (*RunEnded)(gpointer data, const CaseResult *result);

/*
 * Makes the plan from `paths` (ends with NULL) and `options`: plan_new, filters, --failed, drivers
 * and shards. With `whole` only whole gates are accepted, and shards are ignored. NULL and
 * *error.
 */
Plan *run_plan(const RunOptions *options, const char *const *paths, gboolean whole, GError **error);

/*
 * Runs `plan` with journal and reports; `ended` may be NULL. Waits for another harness that writes
 * to the same output folders. `blessed` (AttemptOptions) is NULL if goldens are judged.
 * Returns the exit status, or -1 and *error.
 */
int run_cases(const RunOptions *options, const Plan *plan, GHashTable *blessed, RunEnded ended,
              gpointer data, GError **error);
