/*
 * The journal of a run, as a file: each line is written at once by one write(2), so that kill -9 of
 * the harness loses no event that has happened.
 */
#pragma once
#include "attempt/event.h"
#include "record/record.h"

typedef struct _Journal Journal;

/*
 * Creates or empties `path` and writes the plan of `record`, which must outlive the journal; writes
 * all of the plan or nothing. NULL and *error (HARNESS_ERROR_IO).
 */
Journal *journal_open(const char *path, const Record *record, GError **error);
void journal_free(Journal *journal);

/* These keep the first error of a write, after which nothing more is written, so that only
 * the last line can be incomplete. `spawn` as in journal_format_event. */
void journal_started(Journal *journal, const RecordAttempt *attempt);
void journal_event(Journal *journal, const RecordAttempt *attempt, const Event *event,
                   gssize spawn);
void journal_ended(Journal *journal, const RecordAttempt *attempt);

/* Writes the last line. FALSE and *error if any line could not be written. */
gboolean journal_finish(Journal *journal, GError **error);
