/* The part of an attempt on a QEMU that is reset between cases (guest/warm.h). Its events are
 * passed on when it has passed: else the case runs again on a QEMU of its own, and only that
 * counts. */
#pragma once
#include "attempt/attempt_state.h"

/* Whether the attempt may run on such a QEMU: the first at a case of the seed kernel that asks for
 * nothing which a guest before it, or the harness at its end, could change. */
gboolean attempt_warm_qualifies(const AttemptState *attempt);

/* Takes one for the guest of `config`; attempt->warm and attempt->guest stay NULL if there is none.
 */
void attempt_warm_take(AttemptState *attempt, const GuestConfig *config);

/* An event of QEMU: after RESET the guest is loaded and started, after STOP the attempt is over. */
void attempt_warm_event(AttemptState *attempt, const char *name);

/* Gives back the QEMU of an attempt that passed, and ends that of another. */
void attempt_warm_end(AttemptState *attempt);
