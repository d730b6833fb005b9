/* The start of a run: the options in the boot arguments, the files of the guest, /init. */
#pragma once

#include "board.h"

/* Reads the options in bootargs and remembers the board. */
void init_configure(const struct board *board);
/* Unpacks the initramfs, the disk seed-in, or both into tmpfs. */
void init_unpack(void);
/* Starts /init; does not return. */
void init_run(void);
