/* The files that come out of a guest, by console, disk or share: events, and what is kept. */
#pragma once
#include "attempt/attempt_state.h"

/* A file: its beginning, bytes, and end. One that is not to be kept is only counted. */
void attempt_files_begin(AttemptState *attempt, const char *guest_path, gboolean is_kept);
void attempt_files_data(AttemptState *attempt, const guint8 *data, gsize length);
void attempt_files_end(AttemptState *attempt, const char *guest_path, guint64 size);
