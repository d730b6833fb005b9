/*
 * Bytes of guests and of host files as text that can be stored and shown. Two steps, since the
 * journal stores characters that a report must not show:
 *
 *     text_from_bytes   valid UTF-8; NUL and every byte that is part of none become \xHH
 *     text_visible      the same, and control characters become \xHH, \uHHHH or \UHHHHHHHH as well
 */
#pragma once
#include <glib.h>

/* `length` bytes at `data` (NULL when it is 0); free with g_free. */
char *text_from_bytes(const void *data, gsize length);

/* Whether the character is unsafe in a terminal or in XML 1.0 (section 2.2, Char), or is not
 * visible: control characters of C0 and C1 but newline and tab,
 * non-characters, marks that change the direction of writing, and what is invisible. */
gboolean text_is_hidden(gunichar c);

/* `length` bytes at `data` without any of those. Free with g_free. */
char *text_visible(const char *data, gsize length);

/* The number of bytes at the end of `data` that begin an incomplete character: 0 to 3. */
gsize text_unfinished(const guint8 *data, gsize length);

/* text_visible in quotes, on one line: newlines, tabs, quotes and backslashes with a backslash.
 * Free with g_free. */
char *text_quoted(const void *data, gsize length);

/* text_visible of a whole string, with newlines and tabs shown as blanks: for one line. */
char *text_line(const char *text);

/* The second in UTC as ISO 8601 writes it, "2026-11-28T03:00:00Z"; free with g_free. NULL beyond
 * the year 9999. */
char *text_time(gint64 unix_s);

/* Orders strings by their bytes: `a` and `b` point to pointers to them, as g_ptr_array_sort and
 * qsort give them. */
gint text_compare_names(gconstpointer a, gconstpointer b);
