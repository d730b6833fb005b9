/* The cache, for one attempt. */
#pragma once
#include "attempt/attempt_state.h"

/* Sets the attempt's cache_key, and uses the cached result of an equal attempt, if there is one
 * that would pass today: is_cached. FALSE and *error on failure. */
gboolean attempt_cache_find(AttemptState *attempt, GError **error);

/* Whether a server may have a result that the folder does not have. */
gboolean attempt_cache_may_ask(const AttemptState *attempt);

/* Asks it; sets the attempt's `asking`, and calls `done` with the attempt from the main loop. */
void attempt_cache_ask(AttemptState *attempt, GAsyncReadyCallback done);

/* For `done`: clears `asking`, and uses the result as attempt_cache_find does. */
void attempt_cache_answered(AttemptState *attempt, GAsyncResult *answer);

/* Keeps the result of an attempt that has ended, if it is a pass. `expected` is that of
 * attempt_expected_files. */
void attempt_cache_keep(AttemptState *attempt, const GPtrArray *expected);
