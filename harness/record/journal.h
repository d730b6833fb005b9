/*
 * The journal of a run, as a file: a line is written by one write(2) as soon as what it tells has
 * happened, so that kill -9 of the harness loses nothing but what was still to come.
 */
#pragma once
#include "attempt/event.h"
#include "record/record.h"

typedef struct _Journal Journal;

/*
 * Makes or empties `path` and writes the plan of `record`, which must live on; all of the plan or
 * nothing. NULL and *error (HARNESS_ERROR_IO).
 */
Journal *journal_open(const char *path, const Record *record, GError **error);
void journal_free(Journal *journal);

/* These keep the first error of a write, after which nothing more is written, so that a line is
 * never broken but at the end. `spawn` as in journal_format_event. */
void journal_started(Journal *journal, const RecordAttempt *attempt);
void journal_event(Journal *journal, const RecordAttempt *attempt, const Event *event,
                   gssize spawn);
void journal_ended(Journal *journal, const RecordAttempt *attempt);

/* Writes the last line. FALSE and *error when that or any line before it could not be written. */
gboolean journal_finish(Journal *journal, GError **error);
