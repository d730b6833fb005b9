/* Turns the guest's bytes, from console and disk, into events and files. */
#pragma once
#include "attempt/attempt_state.h"

/* The parser of the results that the guest of the attempt prints. */
Results *attempt_stream_results(AttemptState *attempt);

/* Takes the first steps of the dialog, which need no output of the guest. */
void attempt_stream_begin(AttemptState *attempt);

/* Console bytes as they come. */
void attempt_stream_feed(AttemptState *attempt, const guint8 *data, gsize length);

/* When the "quiet" step of the dialog is due; G_MAXINT64 if it does not wait for silence. */
gint64 attempt_stream_quiet_at(const AttemptState *attempt);

/* Wakes a QEMU that leaves input unread; when to look again, G_MAXINT64 if nothing is left. */
gint64 attempt_stream_wake(AttemptState *attempt);

/* When the current wait is late; G_MAXINT64 if it has no limit. */
gint64 attempt_stream_late_at(const AttemptState *attempt);

/* The "quiet" step is due. */
void attempt_stream_quiet(AttemptState *attempt);

/* The console has ended: processes the rest of it, and the files on the disk seed-out. */
void attempt_stream_end(AttemptState *attempt);
