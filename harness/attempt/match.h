/* Finds texts in a stream, one after the other, wherever chunks are cut. */
#pragma once
#include <glib.h>

typedef struct {
    const GPtrArray *texts; /* of GBytes; not owned */
    guint next;             /* index of the text that is looked for */
    GByteArray *tail;       /* the last bytes seen, fewer than the text's length */
} Matcher;

void matcher_init(Matcher *matcher, const GPtrArray *texts);
void matcher_clear(Matcher *matcher);

/* Feeds a chunk; returns how many texts were found in it, `next` having moved past them. */
guint matcher_feed(Matcher *matcher, const guint8 *data, gsize length);
