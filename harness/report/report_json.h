/* One JSON document with everything that a record holds; for jq. */
#pragma once
#include "record/record.h"

void report_json(const Record *record, GString *out);
