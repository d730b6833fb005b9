/*
 * A talk with a guest over its console: regular expressions to wait for and texts to send, one
 * after the other. A pure machine: it is fed what comes and tells what to send; run_stream.c moves
 * both.
 */
#pragma once
#include <glib.h>

/* Of what came since the last match this much can be matched; a longer wait sees its end. */
#define DIALOG_WINDOW (16 * 1024)

typedef struct {
    char *shown;  /* as the gate file has it */
    GRegex *wait; /* or NULL: then */
    GBytes *send; /* these bytes are sent */
} DialogStep;

/* A list of DialogStep, and one more in it; `regex` or `send` is taken, the other is NULL. */
GPtrArray *dialog_steps(void);
void dialog_add(GPtrArray *steps, const char *shown, GRegex *regex, GBytes *send);

/* A regular expression for console bytes: PCRE, "." without newlines, "^" and "$" at lines. NULL
 * and *error. */
GRegex *dialog_regex(const char *text, GError **error);

typedef struct {
    const GPtrArray *steps; /* of DialogStep; not owned */
    guint next;             /* index of the step that is due */
    GByteArray *seen;       /* what came since the last match */
} Dialog;

void dialog_init(Dialog *dialog, const GPtrArray *steps);
void dialog_clear(Dialog *dialog);

/* Feeds a chunk; returns how many waits ended in it, up to the next text to send: call again with
 * no bytes after that. */
guint dialog_feed(Dialog *dialog, const guint8 *data, gsize length);

/* The bytes that are due to be sent, which are then counted as sent; or NULL. */
GBytes *dialog_take(Dialog *dialog);

/* Whether all steps are done; an empty dialog never is. */
gboolean dialog_is_done(const Dialog *dialog);
