/* --coverage DIR: what the cases of a run execute. */
#pragma once
#include "attempt/attempt.h"
#include "coverage/coverage.h"
#include "gate/plan.h"
#include "guest/boot.h"
#include "run/run_options.h"
#include <stdio.h>

typedef struct _RunCoverage RunCoverage;

/* *ret is NULL without --coverage. What each case runs is noted below `out_root`, which must
 * outlive it. FALSE and *error (HARNESS_ERROR_USAGE) if there is no plugin, or
 * a QEMU of the plan takes none, or HARNESS_ERROR_IO if the folder cannot be made. */
gboolean run_coverage_open(const RunOptions *options, const Plan *plan, const char *out_root,
                           RunCoverage **ret, GError **error);
void run_coverage_free(RunCoverage *coverage);

/* Has the attempts count. */
void run_coverage_set(const RunCoverage *coverage, AttemptOptions *attempts);

/* Adds what an attempt that has ended has executed. */
void run_coverage_add(RunCoverage *coverage, const PlanCase *planned, const Boot *boot,
                      const Attempt *attempt);

/* Writes the files, and a line about them to `out`; what was covered is *ret. FALSE and *error,
 * also where a case was not counted. */
gboolean run_coverage_end(RunCoverage *coverage, FILE *out, CoverageTotals *ret, GError **error);

G_DEFINE_AUTOPTR_CLEANUP_FUNC(RunCoverage, run_coverage_free)
