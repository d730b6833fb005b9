/* Finds the verdict of an attempt: a pure function of the case, the log and the expected hashes of
 * its files. */
#pragma once
#include "attempt/verdict.h"

/* `expected` is a GPtrArray of ExpectedFile. `counterpart_files`, guest path -> sha256, holds the
 * files of the counterpart, or is NULL. */
Verdict *verdict_decide(const GateCase *c, const EventLog *log, const GPtrArray *expected,
                        const GHashTable *counterpart_files);
