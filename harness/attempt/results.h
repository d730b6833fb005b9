/*
 * The results that a guest prints of its tests, line by line, as subtests of a case. A pure state
 * machine: attempt_stream.c feeds it console text and makes an event of each result.
 *
 * TAP: TAP 14 specification (testanything.org), whose versions 12 and 13 it includes; KTAP: Linux,
 * Documentation/dev-tools/ktap.rst. Levels nest by indentation; the name of a level comes from its
 * comment "# Subtest: NAME", or from the line of its parent that ends it. Time stamps of Linux's
 * log before a line are ignored, and so is, in all lines, what stands before the first version line
 * of KTAP. Only leaves are results; a parent is one if it fails though its
 * children pass, or has none.
 *
 * A result takes the time from the line of results before it, be that a result, a plan, a version
 * or the name of a level, to its own; the first has no such line, if none announces it.
 */
#pragma once
#include "attempt/result.h"
#include "gate/dialog.h"
#include "gate/results_format.h"

typedef struct {
    void (*result)(gpointer data, const Result *result);
    /* A mistake in the results: a number or a name that comes twice, a plan that does not come
     * true, "Bail out!". */
    void (*mistake)(gpointer data, const char *text);
} ResultsObserver;

typedef struct _Results Results;

/* `lines` (of DialogStep, not owned) are the expressions of RESULTS_REGEX, else NULL. */
Results *results_new(ResultsFormat format, const GPtrArray *lines, const ResultsObserver *observer,
                     gpointer data);
void results_free(Results *results);

/* Feeds a chunk that came at `now_ns`; results of a level without a name are passed on when it
 * ends.
 */
void results_feed(Results *results, const guint8 *data, gsize length, gint64 now_ns);

/* The output has ended: what was running fails, what was planned beyond it is missing. No result at
 * all is a mistake, unless `may_be_silent`. */
void results_end(Results *results, gboolean may_be_silent);

/* Whether a plan was printed at the top level and all of it has come. */
gboolean results_are_complete(const Results *results);
