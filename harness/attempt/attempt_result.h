/* The end of an attempt: its verdict and what is kept of it. */
#pragma once
#include "attempt/attempt_state.h"

/* What the case must leave, with the hashes that are known: of ExpectedFile. Free with
 * g_ptr_array_unref. */
GPtrArray *attempt_expected_files(const AttemptState *attempt);

/* Judges the attempt and tells the observer that it has finished. */
void attempt_finish(AttemptState *attempt);

/* The same once QEMU and the console have both ended; until then the other half has a while. */
void attempt_finish_when_ended(AttemptState *attempt);
