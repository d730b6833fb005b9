/* Where a failed guest stopped: addresses, functions and lines, for people. */
#pragma once
#include "attempt/event.h"
#include "guest/capture.h"

/*
 * From the registers and return addresses that a panicking kernel printed, from a stopped guest
 * (`capture`, or NULL), or from the last fault of a program; whichever is available first.
 * Names come from the ELF file at `symbols`, if there is one, and from `files` (of InputFile, or
 * NULL), which hold the running program. Lines end in newlines; NULL when nothing is known.
 */
char *diagnosis_make(const EventLog *log, const Capture *capture, const char *symbols,
                     const GPtrArray *files);
