/* Monotonic time, through one seam that a test can replace. */
#pragma once
#include <glib.h>

/* Nanoseconds of CLOCK_MONOTONIC, or of the function set below. */
gint64 clock_now_ns(void);

/* Replaces the source of time for a test; NULL restores it. */
void clock_set_source(gint64 (*now_ns)(void));
