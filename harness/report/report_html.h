/* One HTML page that needs nothing else; without JavaScript all of it but the zoom is there. */
#pragma once
#include "record/record.h"

void report_html(const Record *record, GString *out);
