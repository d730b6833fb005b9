/* Shows where a file differs from the expected content, if both are available. */
#pragma once
#include "attempt/attempt.h"

/*
 * The differing bytes (hexdiff_format), or the path of the actual file, for a finding of `run`
 * whose outputs are below `out_root`. NULL if neither is available. Free with g_free.
 */
char *difference_describe(const Attempt *attempt, const Finding *finding, const char *out_root);
