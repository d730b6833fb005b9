/* The few string operations that the kernel needs. */
#pragma once

#include "types.h"

/* Bytes before the NUL. */
u64 cstring_length(const char *text);
/* Whether two NUL-terminated strings are the same. */
int cstring_same(const char *a, const char *b);
/* Whether `size` bytes are the same. */
int cstring_equal(const char *a, const char *b, u64 size);
