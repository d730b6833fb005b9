/* The few string operations that the kernel needs. */
#pragma once

#include "types.h"

/* Bytes before the NUL. */
u64 cstring_length(const char *text);
/* Bytes before the first `stop`, or `limit` where there is none in so many. */
u64 cstring_span(const char *text, u64 limit, char stop);
/* Whether two NUL-terminated strings are the same. */
int cstring_same(const char *a, const char *b);
/* Whether `size` bytes are the same. */
int cstring_equal(const char *a, const char *b, u64 size);
