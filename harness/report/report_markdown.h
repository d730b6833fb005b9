/*
 * A summary of a run in Markdown (CommonMark 0.30, and the tables of GitHub's dialect), for the
 * page that a CI shows for a job: counts, failed cases with details, flaky cases, the slowest
 * programs.
 */
#pragma once
#include "record/record.h"

void report_markdown(const Record *record, GString *out);
