/* The first difference of two contents, for people. */
#pragma once
#include <glib.h>

/* The first offset at which they differ (the shorter one's length if it is a prefix), or -1
 * when they are equal. */
gssize hexdiff_first(GBytes *expected, GBytes *actual);

/*
 * A sentence with that offset and the sizes, then the bytes around it of both sides, 16 a row,
 * each line with a newline after it. NULL when they are equal.
 */
char *hexdiff_format(GBytes *expected, GBytes *actual);
