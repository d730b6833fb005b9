/* The report for people: each case as it ended, then a summary. Pure functions of a record. */
#pragma once
#include "base/term.h"
#include "record/record.h"

/* Appends the result of an attempt: a line and, unless it passed, its findings. `term` has the
 * styles. */
void report_text_attempt(GString *out, const Term *term, const RecordAttempt *attempt);

/* Lines about events that were not kept, except those that a finding mentions. */
void report_text_left_out(GString *out, const RecordAttempt *attempt);

/* The details of a failure: findings, diagnosis, the last lines of the console, and the command
 * that runs the case again. */
void report_text_details(GString *out, const Term *term, const RecordAttempt *attempt);

/* Appends a line for each program that was spawned. */
void report_text_spawns(GString *out, const Term *term, const RecordAttempt *attempt);

/* Appends a line for each failed case, and the line with the counts. */
void report_text_totals(GString *out, const Term *term, const Record *record);

/* The slowest spawns, a line for each gate, and those. */
void report_text_summary(GString *out, const Term *term, const Record *record);

/* Both, without styles, attempts in the order in which they ended. */
void report_text(const Record *record, GString *out);
