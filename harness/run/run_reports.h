/* What a run leaves for later: its reports and its line in the history. */
#pragma once
#include "gate/plan.h"
#include "history/history.h"
#include "run/run_options.h"

/* The history that the options name, or NULL where there is none; a history that cannot be opened
 * changes no verdict and is only reported on standard error. */
History *run_reports_open_history(const RunOptions *options, const Plan *plan, gboolean create);

/* Says on standard error, where this system cannot confine QEMU (confinement.h), that it does not.
 */
void run_reports_confinement(void);

/* Adds the run to the history. */
void run_reports_add_history(const RunOptions *options, const Plan *plan, const Record *record);

/*
 * Makes every report that the options or the environment ask for, from the journal at
 * `journal_path`. Tries all; the first failure is *error.
 */
gboolean run_reports_save(const RunOptions *options, const Plan *plan, const char *journal_path,
                          GError **error);
