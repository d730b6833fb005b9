/* What a case reads and what it must leave. */
#pragma once
#include "attempt/attempt_state.h"

/* The inputs as they are now. NULL and *error. */
Inputs *attempt_load_inputs(const AttemptState *attempt, GError **error);

/* The files that the case must leave, with their known hashes: of ExpectedFile. Free with
 * g_ptr_array_unref. */
GPtrArray *attempt_expected_files(const AttemptState *attempt);
