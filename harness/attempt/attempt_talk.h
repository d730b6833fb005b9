/*
 * The dialogs of an attempt, each on a port of its own, side by side: that of the console first,
 * then those of further serial ports.
 */
#pragma once
#include "attempt/attempt_state.h"

/* A dialog with the guest on one port. */
struct _Talk {
    AttemptState *attempt;
    const char *port; /* NULL: the console */
    Dialog dialog;
    guint step;           /* the step that waits */
    gint64 step_since_ns; /* since when */
    gint64 spoke_ns; /* when something was last printed or sent there; "quiet" counts from here */
    Outbox input;    /* to the guest */
    int fd;          /* of a further port, to read from; -1: not open. Owned by its drive */
    int log_fd;      /* where what came is kept. Owned by its drive */
    GSource *source; /* of fd, or NULL */
};

/* The dialogs of the case, not yet open. Of Talk. */
GPtrArray *attempt_talk_new(AttemptState *attempt);

/* QEMU runs: opens the ports, and takes the first steps, which need no output of the guest. */
void attempt_talk_begin(AttemptState *attempt);

/* What programs printed on the console. */
void attempt_talk_feed(AttemptState *attempt, const guint8 *text, gsize length);

/* Ends the attempt if only the console is judged and it has shown all. */
void attempt_talk_end_when_done(AttemptState *attempt);

/* When a "quiet" step is due; G_MAXINT64 if none waits for silence. */
gint64 attempt_talk_quiet_at(const AttemptState *attempt);

/* "quiet" steps may be due. */
void attempt_talk_quiet(AttemptState *attempt, gint64 now_ns);

/* When a current wait is late; G_MAXINT64 if none has a limit. *ret_talk, unless NULL, is of which
 * dialog. */
gint64 attempt_talk_late_at(const AttemptState *attempt, const Talk **ret_talk);

/* Wakes a QEMU that leaves input unread; when to look again, G_MAXINT64 if nothing is left. */
gint64 attempt_talk_wake(AttemptState *attempt);

/* The harness was stopped for a while, which counts for no limit. */
void attempt_talk_shift(AttemptState *attempt, gint64 by_ns, gint64 now_ns);

/* Adds an event for each wait that matches, but that more text could change. */
void attempt_talk_note_open(AttemptState *attempt);

/* QEMU has ended: reads what is left of each port, and ends the dialogs; with `is_stopped` by a
 * limit, so that no step is taken any more. */
void attempt_talk_end(AttemptState *attempt, gboolean is_stopped);
