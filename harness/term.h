/* What standard output is: a terminal with colours and a line that is drawn again, or a pipe. */
#pragma once
#include <glib.h>

typedef enum { TERM_PLAIN, TERM_BOLD, TERM_DIM, TERM_RED, TERM_GREEN, TERM_YELLOW } TermStyle;

typedef struct {
    gboolean live;   /* a terminal that can redraw a line */
    gboolean colour; /* no NO_COLOR (https://no-color.org), not TERM=dumb */
} Term;

Term term_detect(void);

/* The escape sequence that begins `style`, or "" without colours; TERM_PLAIN ends one. */
const char *term_style(const Term *term, TermStyle style);

/* Columns of the terminal; 80 when it does not say. */
guint term_columns(void);

/* `text` safe to show: control bytes but newline and tab as \xHH, invalid UTF-8 replaced. */
char *term_visible(const char *text, gsize length);
