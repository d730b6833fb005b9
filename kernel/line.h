/*
 * The kernel's own console lines: "=== KIND key=value ... ===", with the nonce of the run before
 * the end. A program that has printed no newline gets one, for the line to begin in column 0, which
 * the line says: "newline=added". A line is written piece by piece between line_begin and
 * line_end.
 */
#pragma once

#include "types.h"

/* Sets the nonce that every later line carries; the text must stay. */
void line_set_nonce(const char *nonce, u64 length);

void line_begin(const char *kind);
void line_text(const char *text);
/* " key=" and a number. */
void line_decimal(const char *key, u64 value);
void line_hex(const char *key, u64 value);
/* Bytes as they are in paths and arguments: all but printable ASCII, and of that space, percent,
 * comma and equals sign, as %XX. */
void line_encoded(const char *bytes, u64 length);
void line_end(void);
/* The same after " ticks=" and the counter. */
void line_end_ticks(void);
