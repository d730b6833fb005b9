/*
 * Annotations of GitHub Actions ("Workflow commands for GitHub Actions", error and warning
 * messages): a line for each case that failed or was flaky, which GitHub shows at the gate file.
 */
#pragma once
#include "record/record.h"

void report_annotations(const Record *record, GString *out);
