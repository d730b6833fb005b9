/* The parts of a verdict on an attempt that ran to its end: each adds findings of what is wrong. */
#pragma once
#include "attempt/verdict.h"

/* The END line: number of files, leaked pages, end of init. */
void judge_end(Verdict *verdict, const GateCase *c, const EventLog *log);

/* What the guest sent and cannot be read. */
void judge_bad(Verdict *verdict, const EventLog *log);

/* QEMU's exit status as the guest's answer. Returns a skip if the guest asks for it, else NULL. */
Verdict *judge_status(Verdict *verdict, const GateCase *c, const EventLog *log);

/* The files that must come out, and those of the counterpart (verdict_decide). */
void judge_files(Verdict *verdict, const EventLog *log, const GPtrArray *expected);
void judge_counterpart(Verdict *verdict, const EventLog *log, const GHashTable *counterpart_files);

/* The texts and the dialog of the console, and the results of subtests. */
void judge_console(Verdict *verdict, const GateCase *c, const EventLog *log);
void judge_dialog(Verdict *verdict, const GateCase *c, const EventLog *log);
void judge_results(Verdict *verdict, const GateCase *c, const EventLog *log);

/* How many programs were spawned, and what they cost. */
void judge_spawns(Verdict *verdict, const GateCase *c, const EventLog *log);
void judge_budget(Verdict *verdict, const GateCase *c, const EventLog *log);
