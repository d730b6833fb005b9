/* The start of an attempt: its files and the cache; then QEMU. */
#pragma once
#include "attempt/attempt_state.h"

/* Reads the inputs and looks the result up in the folder of the cache (is_cached). FALSE and *error
 * on failure. */
gboolean attempt_prepare(AttemptState *attempt, GError **error);

/* Afterwards, for a result that is not cached: empties the output folder and starts QEMU. FALSE and
 * *error on failure. */
gboolean attempt_prepare_guest(AttemptState *attempt, GError **error);
