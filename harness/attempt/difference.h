/* Shows where and why a file differs from the expected content, if both are available. */
#pragma once
#include "attempt/attempt.h"

/* Where files of earlier runs are, and how the program is called. */
typedef struct {
    const char *out_root; /* outputs are below it */
    const char *cache;    /* the folder of the cache, or NULL */
    const char *program;
} DifferencePlaces;

/*
 * The differing bytes (hexdiff_format), the cause (compare.h) and the command that shows more; or
 * the path of the actual file and what to do for its counterpart. NULL if neither is available.
 * Free with g_free.
 */
char *difference_describe(const Attempt *attempt, const Finding *finding,
                          const DifferencePlaces *places);
