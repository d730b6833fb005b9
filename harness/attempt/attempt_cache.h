/* The cache, for one attempt. */
#pragma once
#include "attempt/attempt_state.h"

/* Sets the attempt's cache_key, and uses the cached result of an equal attempt, if there is one
 * that would pass today: is_cached. FALSE and *error on failure. */
gboolean attempt_cache_find(AttemptState *attempt, GError **error);

/* Keeps the result of an attempt that has ended, if it is a pass. `expected` is that of
 * attempt_expected_files. */
void attempt_cache_keep(AttemptState *attempt, const GPtrArray *expected);
