/* The end of an attempt: its verdict and the results that are kept. */
#pragma once
#include "attempt/attempt_state.h"

/* Whether the attempt, which is judged, ran on a warm QEMU and must run again on one of its own. */
gboolean attempt_runs_again(const AttemptState *attempt);

/* Judges the attempt and reports the end to the observer. */
void attempt_finish(AttemptState *attempt);

/* The same once both QEMU and the console have ended; the later one gets a grace period. */
void attempt_finish_when_ended(AttemptState *attempt);
