/* The run as a whole: its options, its end, and what it leaves. */
#pragma once

#include "board.h"

/* Reads the options in bootargs and remembers the board. */
void run_configure(const struct board *board);
/* Unpacks the initramfs, the disk seed-in, or both into tmpfs. */
void run_unpack(void);
/* Starts /init; does not return. */
void run_init(void);

/* Ends the run with this status of init: files out, END line, power off. Does not return. */
void run_end(u32 status);
/* Ends it after a panic whose line is printed. Does not return. */
void run_abandon(void);
