/* Turns the guest's bytes, from console and disk, into events and files. */
#pragma once
#include "attempt/attempt_state.h"

/* The parser of the results that the guest of the attempt prints. */
Results *attempt_stream_results(AttemptState *attempt);

/* Console bytes as they come. */
void attempt_stream_feed(AttemptState *attempt, const guint8 *data, gsize length);

/* The console has ended: processes the rest of it, and the files on the disk seed-out. */
void attempt_stream_end(AttemptState *attempt);
