/* A run: one invocation that plans cases, makes attempts at them, and reports. */
#pragma once
#include "run/run_options.h"
#include "run/schedule.h"

/* Called with the result of each case, for a command that wants more than the reports. */
typedef void (*RunEnded)(gpointer data, const CaseResult *result);

/*
 * The plan that `paths` (ends with NULL) and `options` ask for: plan_new, filters, --failed,
 * drivers and shards. With `whole` only whole gates may be named, and no shard is taken. NULL and
 * *error.
 */
Plan *run_plan(const RunOptions *options, const char *const *paths, gboolean whole, GError **error);

/*
 * Runs `plan` with journal and reports; `ended` may be NULL. Waits for another harness that writes
 * into the same output folders. `blessed` (AttemptOptions) is NULL where goldens are judged.
 * Returns the exit status, or -1 and *error.
 */
int run_cases(const RunOptions *options, const Plan *plan, GHashTable *blessed, RunEnded ended,
              gpointer data, GError **error);
