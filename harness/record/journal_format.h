/*
 * The lines of a journal: one JSON object each, its newline at the end, described in
 * docs/reports.md. These functions append a line to `out`; they are pure. record_read.h is the
 * other direction.
 */
#pragma once
#include "attempt/event.h"
#include "record/record.h"

/* The version that a journal's first line carries; a reader refuses any other. */
#define JOURNAL_VERSION 1

/* The run and its plan: one line each for the run, every gate and every case. */
void journal_format_plan(GString *out, const Record *record);

/* An attempt begins, or ends. */
void journal_format_started(GString *out, const RecordAttempt *attempt);
void journal_format_ended(GString *out, const RecordAttempt *attempt);

/* An event of an attempt that is under way; `spawn` is the index of the spawn that began or ended
 * with it, or -1. Events that say nothing beside others append nothing. */
void journal_format_event(GString *out, const RecordAttempt *attempt, const Event *event,
                          gssize spawn);

/* The run has come to its end. */
void journal_format_end(GString *out, const Record *record);

/* What a journal calls an event; NULL for those it leaves out. */
const char *journal_event_name(const Event *event);

/* What there is to say of it in words, or NULL; free with g_free. */
char *journal_event_text(const Event *event);
