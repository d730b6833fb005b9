/* The guest's bytes, from console and disk, turned into events and files. */
#pragma once
#include "attempt/attempt_state.h"

/* Takes the first steps of the dialog, which need no output of the guest. */
void attempt_stream_begin(AttemptState *attempt);

/* Console bytes as they come. */
void attempt_stream_feed(AttemptState *attempt, const guint8 *data, gsize length);

/* When the console will have been quiet for as long as the dialog wants; G_MAXINT64: the dialog
 * does not wait for that. */
gint64 attempt_stream_quiet_at(const AttemptState *attempt);

/* The console has been quiet for that long. */
void attempt_stream_quiet(AttemptState *attempt);

/* The console has ended: takes what is left of it, and the files on the disk seed-out. */
void attempt_stream_end(AttemptState *attempt);
