/* The tables of a dashboard: steps, flaky cases, the slowest programs. */
#pragma once
#include "report/dashboard_data.h"

void dashboard_steps(GString *out, const DashboardData *data);
void dashboard_flaky(GString *out, const DashboardData *data);
void dashboard_slowest(GString *out, const DashboardData *data);

/* "+30.2 %", with a class by its direction. */
void dashboard_change(GString *out, const Step *step);
