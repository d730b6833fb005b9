/* What the cases of a record took in the runs before it, for reports to show. */
#pragma once
#include "history/history.h"

/* Fills RecordCase.trend where the history knows the case: of runs that counted in the same unit,
 * at most TREND_RUNS of the newest. A history that cannot be read gives none: *error says why. */
#define TREND_RUNS 40
gboolean trend_fill(Record *record, History *history, GError **error);
