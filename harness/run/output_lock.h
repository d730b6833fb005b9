/* Keeps two harnesses from writing into the same output folders. */
#pragma once
#include "gate/plan.h"

/*
 * Locks the folders below `out_root` of all gates of `plan`, and makes those that are missing.
 * Waits, and says so on standard error, while another harness holds one. The locks are on the
 * folders themselves and end with the process. FALSE and *error (HARNESS_ERROR_IO).
 */
gboolean output_lock(const Plan *plan, const char *out_root, GError **error);
