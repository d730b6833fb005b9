/*
 * The serial console, a PL011 (Arm DDI 0183): output only, polled. Program output goes through byte
 * for byte; the kernel's own lines (report.h) begin in column 0.
 */
#pragma once

#include "types.h"

/* Takes over the PL011 at this physical address, which is in the device mapping. */
void console_open(paddr uart);
void console_write(const void *bytes, u64 size);
/* Writes a newline unless the last byte written was one, or nothing has been written; returns 1
 * where it did, else 0. */
u32 console_fresh_line(void);
