/*
 * A talk with a guest over its console: regular expressions to wait for and texts to send, one
 * after the other. A pure machine: it is fed what comes and tells what to send; run_stream.c moves
 * both, and keeps the time.
 *
 * The text is all that the console brought, the guest's echo of what was sent included. Each wait
 * begins where the last match ended, within its line. How far a dialog has come depends on the text
 * alone, not on the pieces in which it came; only a quiet step asks for time.
 */
#pragma once
#include "base/regex.h"

/* No match is longer than this; an expression that is open for longer is an error. */
#define DIALOG_MATCH_MAX (1024 * 1024)

typedef enum {
    DIALOG_WAIT,  /* until the text has a match */
    DIALOG_QUIET, /* until it has one and nothing more came for a time, which is then its end */
    DIALOG_SEND,
} DialogKind;

typedef struct {
    DialogKind kind;
    char *shown;     /* as the gate file has it */
    Regex *regex;    /* WAIT, QUIET */
    gint64 quiet_ns; /* QUIET */
    GBytes *send;    /* SEND */
} DialogStep;

/* A list of DialogStep. */
GPtrArray *dialog_steps(void);

/* One more step; `regex` and `send` are taken. */
void dialog_add_wait(GPtrArray *steps, const char *shown, Regex *regex);
void dialog_add_quiet(GPtrArray *steps, const char *shown, Regex *regex, gint64 quiet_ns);
void dialog_add_send(GPtrArray *steps, const char *shown, GBytes *send);

/* Whether some step can fail: texts alone that are sent judge nothing. */
gboolean dialog_judges(const GPtrArray *steps);

typedef struct {
    const GPtrArray *steps; /* of DialogStep; not owned */
    guint next;             /* index of the step that is due */
    GByteArray *text;       /* what came, but for what nothing can see any more */
    gsize from;             /* in text: where the next match may begin */
    gsize context;          /* bytes before `from` that expressions may look at */
    gboolean found;         /* the due quiet step has its match, which ends at `from` */
    char *failure;          /* why it cannot go on; NULL: it can */
} Dialog;

void dialog_init(Dialog *dialog, const GPtrArray *steps);
void dialog_clear(Dialog *dialog);

/* Feeds a chunk; returns how many waits ended in it, up to the next text to send: call again with
 * no bytes after that. */
guint dialog_feed(Dialog *dialog, const guint8 *data, gsize length);

/* How long nothing must come for the due step; 0: it does not matter. */
gint64 dialog_quiet_ns(const Dialog *dialog);

/* Nothing has come for that long; as dialog_feed. */
guint dialog_quiet(Dialog *dialog);

/* Nothing will come any more: the end of the text is one for all waits that are left; as
 * dialog_feed. */
guint dialog_end(Dialog *dialog);

/* Whether the due wait would be met if nothing more came: only more text decides it. */
gboolean dialog_is_open(const Dialog *dialog);

/* The bytes that are due to be sent, which are then counted as sent; or NULL. */
GBytes *dialog_take(Dialog *dialog);

/* Whether all steps are done; an empty dialog never is. */
gboolean dialog_is_done(const Dialog *dialog);
