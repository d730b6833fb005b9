/* The cases that failed in the last run: --failed. */
#pragma once
#include "gate/plan.h"
#include "record/record.h"

/* The record of the newest run whose journal is in build/journal below `root`. NULL and *error. */
Record *rerun_load(const char *root, GError **error);

/* The gate files with cases that did not pass; ends with NULL, free with g_strfreev. */
GStrv rerun_gates(const Record *last);

/* Keeps the requested cases of a plan that did not pass in `last` on any driver, with what they
 * need; the plan already has its drivers (plan_drive). FALSE and *error if none is left, or if a
 * case that failed on Linux is missing. */
gboolean rerun_keep(Plan *plan, const Record *last, GError **error);
