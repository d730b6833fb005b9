/*
 * A dialog with a guest over its console: a sequence of regular expressions to wait for and texts
 * to send. A pure state machine: attempt_stream.c feeds it console bytes, sends its texts and keeps
 * the time.
 *
 * The text is the whole console, including the guest's echo of the texts sent, but without the
 * queries that shells send to a terminal (ESC [ 6 n and the like, ECMA-48, 8.3.35 and 8.3.24),
 * which would follow a prompt. Each wait begins where the last match ended, within its line. The
 * progress of a dialog depends only on the text, not on where reads cut it; only a quiet step
 * depends on time.
 */
#pragma once
#include "base/regex.h"

/* The longest match; an expression that stays open for longer is an error. */
#define DIALOG_MATCH_MAX (1024 * 1024)

/* Groups that an answer can name. */
#define DIALOG_GROUPS_MAX 9

/* Bytes kept of what matched. */
#define DIALOG_MATCHED_MAX 160

typedef enum {
    DIALOG_WAIT,  /* waits for a match */
    DIALOG_MAYBE, /* the same, unless the next WAIT, or a MAYBE before it, matches earlier in the
                     text: then this step and the texts after it are left out */
    DIALOG_QUIET, /* waits for a match and for silence, which counts as the end of the text */
    DIALOG_SEND,
    DIALOG_ANSWER, /* sends a text in which {N} stands for group N of the last match */
} DialogKind;

typedef struct {
    DialogKind kind;
    char *shown;      /* as written in the gate file */
    Regex *regex;     /* WAIT, MAYBE, QUIET */
    gint64 quiet_ns;  /* QUIET */
    gint64 within_ns; /* WAIT: the longest that it may take; 0: no limit of its own */
    GBytes *send;     /* SEND; ANSWER: with {N} */
} DialogStep;

/* A list of DialogStep. */
GPtrArray *dialog_steps(void);

/* Appends a step; takes `regex` and `send`. */
void dialog_add_wait(GPtrArray *steps, const char *shown, Regex *regex);
void dialog_add_maybe(GPtrArray *steps, const char *shown, Regex *regex);
void dialog_add_quiet(GPtrArray *steps, const char *shown, Regex *regex, gint64 quiet_ns);
void dialog_add_send(GPtrArray *steps, const char *shown, GBytes *send);

/* The same with {N}; `groups` is set to the number of groups of the expression before it. FALSE
 * if a text names another. */
gboolean dialog_add_answer(GPtrArray *steps, const char *shown, GBytes *send, guint *ret_groups);

/* Whether a step can fail: steps that only send, or may be left out, judge nothing. */
gboolean dialog_judges(const GPtrArray *steps);

/* The first MAYBE that no WAIT follows before a QUIET or the end, which would never be left out; or
 * NULL. */
const DialogStep *dialog_endless(const GPtrArray *steps);

/* The step that must match before the dialog goes on, from that index on; steps->len if none is
 * left. */
guint dialog_required(const GPtrArray *steps, guint from);

typedef struct {
    const GPtrArray *steps; /* of DialogStep; not owned */
    guint next;             /* index of the current step */
    GByteArray *text;       /* the console text that expressions can still see */
    gsize from;             /* in text: where the next match may begin */
    gsize context;          /* bytes before `from` that expressions may look at */
    gboolean found;         /* the current quiet step has its match, which ends at `from` */
    char *matched;          /* the beginning of the text of the last match, or NULL */
    GPtrArray *groups;      /* of GBytes or NULL: the groups of the last match, all of it first */
    GBytes *answer;         /* the text of the last ANSWER, or NULL */
    GString *held;          /* bytes that may begin a query to a terminal */
    char *failure;          /* why the dialog failed, or NULL */
} Dialog;

void dialog_init(Dialog *dialog, const GPtrArray *steps);
void dialog_clear(Dialog *dialog);

/* Feeds a chunk; returns how many waits ended in it, up to the next text to send; call again
 * without bytes after that. */
guint dialog_feed(Dialog *dialog, const guint8 *data, gsize length);

/* How long the console must be silent for the current step; 0 if that does not matter. */
gint64 dialog_quiet_ns(const Dialog *dialog);

/* How long the current step may take, or 0. */
gint64 dialog_within_ns(const Dialog *dialog);

/* The console was silent for that long; otherwise as dialog_feed. */
guint dialog_quiet(Dialog *dialog);

/* The console has ended: all remaining waits see the end of the text; otherwise as dialog_feed. */
guint dialog_end(Dialog *dialog);

/* Whether the current wait matches the text so far, but more text could change that. */
gboolean dialog_is_open(const Dialog *dialog);

/* The bytes to send now, which then count as sent; or NULL. */
GBytes *dialog_take(Dialog *dialog);

/* Whether all steps are done; an empty dialog never is. */
gboolean dialog_is_done(const Dialog *dialog);
