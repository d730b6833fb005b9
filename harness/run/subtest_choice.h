/* The subtests that --filter names. */
#pragma once
#include "gate/plan.h"
#include "run/run_options.h"

/*
 * plan_filter with `patterns`, of which those that match no case may name subtests, by the name
 * that a report shows or by GATE/CASE/NAME: of what each case printed in the newest run of the
 * history or of the journals. They select the cases that printed them, whose reports then show
 * these subtests alone, unless another pattern names the case. FALSE and *error.
 */
gboolean subtest_choice_filter(Plan *plan, const char *const *patterns, const RunOptions *options,
                               GError **error);
