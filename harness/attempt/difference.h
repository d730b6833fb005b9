/* Where a file of the guest parts from what it must be, where both sides are at hand. */
#pragma once
#include "attempt/attempt.h"

/*
 * Lines (hexdiff_format, or where to find what came) about `finding`, which is of `run`; its
 * outputs are below `out_root`. NULL when there is nothing to show. Free with g_free.
 */
char *difference_describe(const Attempt *attempt, const Finding *finding, const char *out_root);
