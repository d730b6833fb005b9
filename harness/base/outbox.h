/*
 * A queue of bytes for a non-blocking descriptor. What the other side does not take at once is
 * written from the main loop when the descriptor is ready again.
 */
#pragma once
#include <glib.h>

typedef struct {
    int fd; /* not owned */
    GByteArray *left;
    GSource *source; /* waits for the descriptor while something is left */
} Outbox;

void outbox_init(Outbox *outbox, int fd);
void outbox_clear(Outbox *outbox);

/* Writes `size` bytes, now or later, in the order of calls. Bytes for a closed other side
 * are dropped: its end is reported elsewhere. FALSE and *error for any other failure. */
gboolean outbox_add(Outbox *outbox, const void *data, gsize size, GError **error);
