/* Collects all mistakes in user input, so that one run reports them all. */
#pragma once
#include <glib.h>

/* A list of messages, each with its caret. */
GPtrArray *mistakes_new(void);

/* Adds the message of `error` and frees it. */
void mistakes_take(GPtrArray *mistakes, GError *error);

/* FALSE and *error (HARNESS_ERROR_GATE) with every message, one after the other, if there are
 * any. */
gboolean mistakes_none(const GPtrArray *mistakes, GError **error);
