/* The report a person reads: each case as it ended, then a summary. Pure functions of a record. */
#pragma once
#include "record.h"
#include "term.h"

/* Appends how an attempt ended: a line, and for one that did not pass what is wrong. `term` says
 * which styles there are. */
void report_text_attempt(GString *out, const Term *term, const RecordAttempt *attempt);

/* Lines that say what came and is left out of the record, but for what a finding says already. */
void report_text_left_out(GString *out, const RecordAttempt *attempt);

/* The part of that about what is wrong: findings, diagnosis, the last lines of the console, and the
 * command that runs the case again. */
void report_text_details(GString *out, const Term *term, const RecordAttempt *attempt);

/* Appends a line for each program that was spawned. */
void report_text_spawns(GString *out, const Term *term, const RecordAttempt *attempt);

/* Appends a line for each case that went wrong, and the line with the counts. */
void report_text_totals(GString *out, const Term *term, const Record *record);

/* The slowest spawns, a line for each gate, and those. */
void report_text_summary(GString *out, const Term *term, const Record *record);

/* Both, without styles, attempts in the order in which they ended. */
void report_text(const Record *record, GString *out);
