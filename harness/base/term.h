/* The kind of an output stream: a terminal, perhaps with colours and a line that can be redrawn, or
 * a pipe. */
#pragma once
#include <glib.h>
#include <stdio.h>

typedef enum { TERM_PLAIN, TERM_BOLD, TERM_DIM, TERM_RED, TERM_GREEN, TERM_YELLOW } TermStyle;

typedef struct {
    FILE *out;
    gboolean live; /* a terminal that can redraw a line */
    gboolean colour;
} Term;

/*
 * `when` is "always", "never" or "auto", or NULL for auto: then NO_COLOR (https://no-color.org)
 * and FORCE_COLOR (https://force-color.org) decide, in that order, and else whether it is a
 * terminal and not TERM=dumb.
 */
Term term_detect(FILE *out, const char *when);

/* Whether `when` is valid for term_detect. FALSE and *error (HARNESS_ERROR_USAGE). */
gboolean term_check_when(const char *when, GError **error);

/* The escape sequence that begins `style`, or "" without colours; TERM_PLAIN ends one. */
const char *term_style(const Term *term, TermStyle style);

/* Columns of the terminal; 80 if unknown. */
guint term_columns(const Term *term);
