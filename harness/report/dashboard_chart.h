/* The cost of a case over its runs as SVG, within HTML. */
#pragma once
#include "report/dashboard_data.h"

/* Appends the chart; `failed` are the runs (gint64) that did not pass. A run stands at the place of
 * its number among all of the machine, so that charts can be compared. */
void dashboard_chart(GString *out, const DashboardData *data, const DashboardSeries *series,
                     const GArray *failed);

/* Appends "12.3 ms", "1.20 s", or "4 288" instructions. */
void dashboard_value(GString *out, double value, gboolean icount);
