/* The end of an attempt: its verdict and the results that are kept. */
#pragma once
#include "attempt/attempt_state.h"

/* Judges the attempt and reports the end to the observer. */
void attempt_finish(AttemptState *attempt);

/* The same once both QEMU and the console have ended; the later one gets a grace period. */
void attempt_finish_when_ended(AttemptState *attempt);
