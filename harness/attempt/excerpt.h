/*
 * The excerpt of a console that a report keeps: all of a short console; the beginning and end of a
 * longer one, with a line between them that says how many bytes are omitted.
 */
#pragma once
#include <glib.h>

/* Bytes kept of the beginning and of the end. */
#define EXCERPT_HEAD_BYTES (64 * 1024)
#define EXCERPT_TAIL_BYTES (64 * 1024)

typedef struct {
    GByteArray *head, *tail; /* tail: up to twice its size, before it is cut */
    guint64 dropped;         /* bytes omitted between them */
} Excerpt;

void excerpt_init(Excerpt *excerpt);
void excerpt_clear(Excerpt *excerpt);
void excerpt_add(Excerpt *excerpt, const guint8 *data, gsize length);

/* As text (text_from_bytes); free with g_free. */
char *excerpt_text(const Excerpt *excerpt);

/* The last line that is not blank, or NULL; free with g_free. */
char *excerpt_last_line(const Excerpt *excerpt);
