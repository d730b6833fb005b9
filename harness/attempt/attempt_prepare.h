/* The start of an attempt: its files, the cache, QEMU. */
#pragma once
#include "attempt/attempt_state.h"

/* Reads the inputs, looks the result up in the cache (is_cached) and, if it is not there, starts
 * QEMU. FALSE and *error on failure. */
gboolean attempt_prepare(AttemptState *attempt, GError **error);
