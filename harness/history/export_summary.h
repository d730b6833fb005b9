/* Formats that have one value for each program of a case: the median of its runs in a range. */
#pragma once
#include "history/export.h"

/* OpenMetrics 1.0, https://prometheus.io/docs/specs/om/open_metrics_spec/ */
gboolean export_openmetrics(const Export *export, GError **error);

/* The tool customSmallerIsBetter of github-action-benchmark, README "Inputs". */
gboolean export_benchmark(const Export *export, GError **error);

/* Bencher Metric Format, https://bencher.dev/docs/reference/bencher-metric-format/ */
gboolean export_bencher(const Export *export, GError **error);
