/*
 * The disks of the run: the newc archive on the one with serial "seed-in" is unpacked like the
 * initramfs, and all files go to the one with serial "seed-out" as a newc archive.
 */
#pragma once

#include "board.h"

/* Finds the two disks. Panics if one cannot be used. */
void transfer_open(const struct board *board);

/* Reads all of seed-in to memory, which stays taken. The range is empty without such a disk. */
struct range transfer_in(void);

/* Writes all files to seed-out, in the order of their making, TRAILER!!! and zeros to a whole
 * sector. Returns NULL, also without such a disk, or what went wrong; then it does not try again.
 */
const char *transfer_out(void);
