/* What this machine, and the user, must have for the cases of a plan. */
#pragma once
#include "attempt/attempt.h"
#include "gate/plan.h"

/* Marks cases that need a QEMU or an accelerator that is not here (PlanCase.missing): they are
 * skipped. The QEMU of the seed kernel is not one of these: without it nothing can run. */
void run_machine_mark(const Plan *plan, const AttemptOptions *options);

/* FALSE and *error if QEMU would reach the host by words of a gate, which --allow-host did not
 * allow. */
gboolean run_machine_check(const Plan *plan, gboolean allow_host, GError **error);
