/* Prevents two harnesses from writing to the same output folders. */
#pragma once
#include "gate/plan.h"

/*
 * Locks the folders of all gates of `plan` below `out_root`, and creates missing ones. Waits, with
 * a message on standard error, while another harness holds one. The locks are on the folders
 * themselves and end with the process. FALSE and *error (HARNESS_ERROR_IO).
 */
gboolean output_lock(const Plan *plan, const char *out_root, GError **error);
