/*
 * Expressions that must not appear on the console: what a case gives as "panic" and "never". A pure
 * state machine; attempt_stream.c feeds it.
 */
#pragma once
#include "gate/gate.h"

typedef struct _Watch Watch;

Watch *watch_new(const GateCase *c);
void watch_free(Watch *watch);

typedef struct {
    gboolean is_panic;   /* by the key "panic", else by "never" */
    const char *shown;   /* the expression as written in the gate file */
    const char *matched; /* the beginning of the text that it matches */
} WatchMatch;

/* Feeds a chunk, or with `is_end` the end of all output. TRUE for the first match, once. */
gboolean watch_feed(Watch *watch, const guint8 *data, gsize length, gboolean is_end,
                    WatchMatch *ret_match);

/* Why an expression cannot be judged any more, or NULL. */
const char *watch_failure(const Watch *watch);
