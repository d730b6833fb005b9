/*
 * What the kernel's report.c, which prints the lines of the guest contract (DESIGN.md, section 3),
 * stands on here: the console of Linux, on descriptor 1, written in large pieces, and its clock.
 * And the end of the machine. What programs print comes through a pipe, so that it is known in
 * which column a line begins.
 */
#pragma once
#include "console.h"
#include "linux.h"
#include "report.h"

/* Writes what has gathered; nothing is written before, to call the slow driver seldom. */
void console_flush(void);

/* "=== PANIC linux init: reason: subject errno=N ===" and the end of the machine. */
void give_up(const char *reason, const char *subject, long result) __attribute__((noreturn));

/* The end of the machine. */
void power_off(void) __attribute__((noreturn));
