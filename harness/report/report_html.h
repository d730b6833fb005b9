/* A self-contained HTML page; without JavaScript only the zoom is missing. */
#pragma once
#include "record/record.h"

void report_html(const Record *record, GString *out);
