/* What reports for people have in common: counts in words, the slowest programs, why a case failed.
 */
#pragma once
#include "record/record.h"

/* Appends "3 passed, 2 failed (1 timed out), 1 skipped; 1 flaky". Everything that went wrong counts
 * as failed; in parentheses stands what was not merely a wrong answer. */
void digest_counts(GString *out, const RecordTotals *totals);

/* Whether some case passed and none failed. */
gboolean digest_is_good(const RecordTotals *totals);

/* A spawn and the id of its case. */
typedef struct {
    const RecordSpawn *spawn;
    const char *id;
} DigestSpawn;

/* At most `max` spawns that cost most, the most expensive first: by host time, or by instructions
 * where the run counted them. Free with g_array_unref. */
GArray *digest_slowest(const Record *record, guint max);

/* The first finding on one line (text_line), of at most `max` characters; "" for none. Free with
 * g_free. */
char *digest_reason(const RecordAttempt *attempt, guint max);

/* "; interrupted", "; broken off" or "": how the run ended. */
const char *digest_end(const Record *record);
