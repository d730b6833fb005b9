/* What counted runs have covered, over time. */
#pragma once
#include "history/history.h"

/* Appends a section with a chart for each set of gates that was counted; nothing if none was.
 * FALSE and *error. */
gboolean dashboard_coverage(GString *out, History *history, GError **error);
