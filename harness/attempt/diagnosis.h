/* Where a guest stood that did not end well: addresses, functions and lines, for a person. */
#pragma once
#include "attempt/event.h"
#include "guest/capture.h"

/*
 * From the registers and return addresses that a panicking kernel printed, from a stopped guest
 * (`capture`, or NULL), or from the last fault of a program; the first of these that there is.
 * Names come from "kernel.elf" beside the Image at `kernel`, and from `files` (of InputFile, or
 * NULL), where the running program is. Lines end in newlines; NULL when nothing is known.
 */
char *diagnosis_make(const EventLog *log, const Capture *capture, const char *kernel,
                     const GPtrArray *files);
