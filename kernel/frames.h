/*
 * Page frames. Fresh ones come from a mark that moves up through the free ranges of RAM, used ones
 * from a list threaded through the frames themselves: no memory is touched before it is given out,
 * and the frame freed last is given out first, while it is warm.
 */
#ifndef KERNEL_FRAMES_H
#define KERNEL_FRAMES_H

#include "board.h"

/* Adds a range of RAM except the holes in it. All are widened or narrowed to whole pages so that
 * no byte of a hole is given out. */
void frames_add(struct range ram, const struct range *holes, u32 hole_count);

/* One page: with whatever it held, or zeroed. NULL when there is none left. */
void *frame_alloc(void);
void *frame_alloc_zero(void);
void frame_free(void *frame);

/* Frames given out, and frames still to be had. */
u64 frames_used(void);
u64 frames_left(void);

#endif
