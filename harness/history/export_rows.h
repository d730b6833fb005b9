/* The formats of rows.h: what perf import reads. */
#pragma once
#include "history/export.h"

gboolean export_jsonl(const Export *export, GError **error);
gboolean export_csv(const Export *export, GError **error);
