/* What failed last: --failed. */
#pragma once
#include "gate/plan.h"
#include "record/record.h"

/* The record of the newest run whose journal is in build/journal below `root`. NULL and *error. */
Record *rerun_load(const char *root, GError **error);

/* The gate files with cases that did not pass; ends with NULL, free with g_strfreev. */
GStrv rerun_gates(const Record *last);

/* Keeps those requested cases of a plan that has its drivers (plan_drive) which did not pass in
 * `last`, on whichever driver, with what they need. FALSE and *error when that leaves none, or
 * lacks one that failed on Linux. */
gboolean rerun_keep(Plan *plan, const Record *last, GError **error);
