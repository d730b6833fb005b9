/* Parts shared by reports for people: counts in words, the slowest programs, reasons of failures.
 */
#pragma once
#include "record/record.h"

/* Appends "3 passed, 2 failed (1 timed out), 1 skipped; 1 flaky". Every verdict that is not a
 * pass or skip counts as failed; the parentheses give the verdicts other than fail. */
void digest_counts(GString *out, const RecordTotals *totals);

/* Whether some case passed and none failed. */
gboolean digest_is_good(const RecordTotals *totals);

/* A spawn and the id of its case. */
typedef struct {
    const RecordSpawn *spawn;
    const char *id;
} DigestSpawn;

/* At most `max` of the costliest spawns, the costliest first: by host time, or by instructions if
 * the run counted them. Free with g_array_unref. */
GArray *digest_slowest(const Record *record, guint max);

/* The first finding on one line (text_line), of at most `max` characters; "" if there is none. Free
 * with g_free. */
char *digest_reason(const RecordAttempt *attempt, guint max);

/* How the run ended: "; interrupted", "; stopped early" or "". */
const char *digest_end(const Record *record);
