/*
 * Page frames. Fresh ones come from a mark that moves up through the free ranges of RAM, used ones
 * from a list threaded through the frames themselves: no memory is touched before it is given out,
 * and the frame freed last is given out first, while it is warm.
 */
#pragma once

#include "board.h"

/* Adds a range of RAM except the holes in it. All are widened or narrowed to whole pages so that
 * no byte of a hole is given out. */
void frames_add(struct range ram, const struct range *holes, u32 hole_count);

/* `size` bytes in one piece, rounded up to pages, which stay taken and do not count as used. NULL
 * if there is no such piece. For use at the start, before frame_alloc. */
void *frames_take(u64 size);

/* One page: with whatever it held, or zeroed. NULL when there is none left. */
void *frame_alloc(void);
void *frame_alloc_zero(void);
void frame_free(void *frame);
/* The same for a frame that holds nothing but zeros, which saves zeroing it again. */
void frame_free_zero(void *frame);

/* Frames given out, and frames still to be had. */
u64 frames_used(void);
u64 frames_left(void);
