/*
 * What is to be written to a non-blocking descriptor, however little of it the other side takes at
 * a time: the rest goes when the descriptor is ready again, from the main loop.
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

/* Writes `size` bytes, now or later, in the order of calls. What the other side has closed itself
 * to is dropped: its own end tells of that. FALSE and *error for any other failure. */
gboolean outbox_add(Outbox *outbox, const void *data, gsize size, GError **error);
