/* Why the output of a case changed: back through the cases that made its inputs, to the first thing
 * that went in another way. */
#pragma once
#include "differ/diff.h"

typedef struct {
    const char *out_root; /* NULL: build/out below the root */
    const char
        *journal; /* of the run in which the case failed; NULL: the newest of build/journal */
} WhyOptions;

/* *ret is the cause, or NULL if the case passed when it was last run. `id` is LABEL/CASE
 * (driver.h): without a driver that of the seed kernel and, where it passed, of Linux. FALSE and
 * *error if it is no case, or nothing is known of it. */
gboolean why_case(const char *id, const WhyOptions *options, Diff **ret, GError **error);
