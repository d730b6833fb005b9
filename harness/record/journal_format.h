/*
 * The lines of a journal: one JSON object each, its newline at the end, described in
 * docs/reports.md. These functions append a line to `out`; they are pure. record_read.h is the
 * other direction.
 */
#pragma once
#include "attempt/event.h"
#include "record/record.h"

/* The version in a journal's first line; readers refuse any other. */
#define JOURNAL_VERSION 1

/* The run and its plan: one line each for the run, every gate and every case. */
void journal_format_plan(GString *out, const Record *record);

/* An attempt begins, or ends. */
void journal_format_started(GString *out, const RecordAttempt *attempt);
void journal_format_ended(GString *out, const RecordAttempt *attempt);

/* An event of a running attempt; `spawn` is the index of the spawn that began or ended with it, or
 * -1. Events that add nothing to others append no line. */
void journal_format_event(GString *out, const RecordAttempt *attempt, const Event *event,
                          gssize spawn);

/* The run is complete. */
void journal_format_end(GString *out, const Record *record);

/* The name of an event in a journal; NULL if the journal omits it. */
const char *journal_event_name(const Event *event);

/* The text of an event, or NULL; free with g_free. */
char *journal_event_text(const Event *event);
