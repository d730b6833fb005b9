/* One attempt by itself, for commands that run a single guest. */
#pragma once
#include "attempt/attempt.h"

typedef struct {
    Attempt *attempt;
    gboolean interrupted; /* by a signal (signals.h) */
    const AttemptObserver *observer;
    gpointer data;
    GMainLoop *loop;
} Single;

/* Starts the attempt. single_run calls `observer`, with `data`; `finished` may be
 * NULL. Says on standard error where QEMU is not confined. Clear with single_clear. */
void single_start(Single *single, const AttemptSubject *subject, const AttemptOptions *options,
                  const AttemptObserver *observer, gpointer data);

/* Returns when the attempt has ended, by itself or by a signal. */
void single_run(Single *single);
void single_clear(Single *single);
