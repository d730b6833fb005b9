/* Why two runs differ. */
#pragma once
#include "differ/diff.h"
#include "record/record.h"

/* The first case, in the order of the plan, whose files, verdict or programs differ, or else what
 * of the machine does; NULL if nothing does but times. */
Diff *record_diff(const Record *a, const Record *b);

/* Whether the bytes begin as a journal does. */
gboolean record_is_journal(const char *data, gsize length);
