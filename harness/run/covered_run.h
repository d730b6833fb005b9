/* Notes for --affected what the cases of a run with --coverage run (covered.h). */
#pragma once
#include "coverage/coverage.h"
#include "gate/inputs.h"
#include "gate/plan.h"

typedef struct _CoveredRun CoveredRun;

CoveredRun *covered_run_new(const char *root);
void covered_run_free(CoveredRun *run);

/* Adds a case that passed and was counted in full: `symbols` is the path of the kernel's ELF file,
 * `inputs` are the files of the guest. */
void covered_run_add(CoveredRun *run, const PlanCase *planned, const char *symbols,
                     const Inputs *inputs);

/* The case ran in another way: what was known of it goes, unless another attempt passed. */
void covered_run_forget(CoveredRun *run, const PlanCase *planned);

/* Keeps all of it below the folder of outputs. */
void covered_run_keep(CoveredRun *run, const Plan *plan, const Coverage *coverage,
                      const char *out_root);

G_DEFINE_AUTOPTR_CLEANUP_FUNC(CoveredRun, covered_run_free)
