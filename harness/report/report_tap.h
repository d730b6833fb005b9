/* TAP version 14 (testanything.org/tap-version-14-specification.html). */
#pragma once
#include "record/record.h"

void report_tap(const Record *record, GString *out);
