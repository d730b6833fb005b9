/* The lasting results of a run: its reports and its entry in the history. */
#pragma once
#include "coverage/coverage.h"
#include "gate/plan.h"
#include "history/history.h"
#include "run/run_options.h"

/* The history selected by the options, or NULL if there is none. If it cannot be opened, that is
 * only reported on standard error. */
History *run_reports_open_history(const RunOptions *options, const Plan *plan, gboolean create);

/* Warns on standard error if this system cannot confine QEMU (confinement.h). */
void run_reports_confinement(void);

/* Adds what a run that passed has covered (--coverage) to the history, instead of its costs. */
void run_reports_add_coverage(const RunOptions *options, const Plan *plan,
                              const CoverageTotals *totals);

/* Adds the run to the history, unless it counted what ran (--coverage). */
void run_reports_add_history(const RunOptions *options, const Plan *plan, const Record *record);

/*
 * Makes every report requested by the options or the environment, from the journal at
 * `journal_path`. Tries all; the first failure is *error.
 */
gboolean run_reports_save(const RunOptions *options, const Plan *plan, const char *journal_path,
                          GError **error);
