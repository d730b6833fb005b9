/* Diagnostics of text files in the form compilers use: file:line:column, the line, a caret. */
#pragma once
#include <glib.h>

/* A text file in memory; `name` appears in messages. Owns nothing. */
typedef struct {
    const char *name;
    const char *text;
    gsize length;
    const guint *lines; /* for each line of `text` the number it has in the file; NULL: its own */
} DiagFile;

/* A half-open range of bytes [begin, end) of a DiagFile. */
typedef struct {
    gsize begin;
    gsize end;
} DiagSpan;

/*
 * Sets *error (HARNESS_ERROR_GATE) to a message about `span`:
 *
 *     gates/x.gate:3:8: error: unknown key "tiemout"; did you mean "timeout"?
 *         tiemout = 5s
 *         ^~~~~~~
 *
 * Columns count UTF-8 characters from 1. Returns FALSE always, so that a caller can return it.
 */
gboolean diag_error(GError **error, const DiagFile *file, DiagSpan span, const char *format, ...)
    G_GNUC_PRINTF(4, 5);

/* The number of the line that `span` begins in, from 1. */
gsize diag_line(const DiagFile *file, DiagSpan span);

/*
 * The member of `known` (NULL-terminated) that `word` was most likely meant to be, by edit
 * distance with transpositions, or NULL when none is near.
 */
const char *diag_nearest(const char *word, const char *const *known);
