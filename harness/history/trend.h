/* The durations of the cases in earlier runs, for reports. */
#pragma once
#include "history/history.h"

/* Fills RecordCase.trend from the history: from runs with the same unit, at most the newest
 * TREND_RUNS. If the history cannot be read there is no trend: *error says why. */
#define TREND_RUNS 40
gboolean trend_fill(Record *record, History *history, GError **error);
