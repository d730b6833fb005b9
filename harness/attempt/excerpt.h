/*
 * What a report keeps of a console: all of it up to a size, and of a longer one its beginning,
 * where causes stand, and its end, with a line between them that says how much is left out.
 */
#pragma once
#include <glib.h>

/* Kept of the beginning, and of the end. */
#define EXCERPT_HEAD_BYTES (64 * 1024)
#define EXCERPT_TAIL_BYTES (64 * 1024)

typedef struct {
    GByteArray *head, *tail; /* tail: up to twice its size, before it is cut */
    guint64 dropped;         /* bytes between them that are gone */
} Excerpt;

void excerpt_init(Excerpt *excerpt);
void excerpt_clear(Excerpt *excerpt);
void excerpt_add(Excerpt *excerpt, const guint8 *data, gsize length);

/* As text (text_from_bytes); free with g_free. */
char *excerpt_text(const Excerpt *excerpt);
