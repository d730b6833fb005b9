/* The table of all programs in an HTML report, which a script draws: sorted, searched, and only the
 * rows that are in view. */
#pragma once
#include "record/record.h"

/* Programs in the table, and bytes of their data. */
#define HTML_PROGRAMS_MAX       50000
#define HTML_PROGRAMS_BYTES_MAX (8 * 1024 * 1024)

/* Nothing where no program was spawned. */
void html_programs(const Record *record, GString *out);
