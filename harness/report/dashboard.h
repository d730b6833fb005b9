/* A page over a whole history: docs/perf.md, "The dashboard". */
#pragma once
#include "history/history.h"

/* Appends the page, which needs nothing beside itself. FALSE and *error if the history cannot be
 * read. */
gboolean dashboard_write(History *history, GString *out, GError **error);
