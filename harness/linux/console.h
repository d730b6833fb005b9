/*
 * The lines of the guest contract (DESIGN.md, section 3) on the console of Linux. What programs
 * print comes through a pipe, so that it is known in which column a line begins.
 */
#pragma once
#include "linux.h"

/* Descriptor 1 is the console. `nonce` may be empty; it must live on. */
void console_open(const char *nonce);

/* Bytes of programs. */
void console_pass(const char *bytes, u64 size);

/* "=== KIND", " key=value"..., and " nonce=... ===" with the line's end; begin makes a new line. */
void console_begin(const char *kind);
void console_text(const char *text);
void console_encoded(const char *bytes, u64 size);
void console_decimal(const char *key, u64 value);
void console_hex(const char *key, u64 value);
void console_end(void);
void console_end_ticks(void);

/* A line of a dumped file: at most 64 bytes as hex. */
void console_data(const u8 *bytes, u64 size);

/* Writes what has gathered; nothing is written before, to call the slow driver seldom. */
void console_flush(void);

/* "=== PANIC reason: subject (errno N) ===" and the end of the machine. */
void panic(const char *reason, const char *subject, long result) __attribute__((noreturn));

/* The end of the machine. */
void power_off(void) __attribute__((noreturn));
