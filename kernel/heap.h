/*
 * Small objects, in sizes of powers of two. Pages that the heap has taken stay with it, so that
 * freeing and taking small objects costs a few instructions.
 */
#pragma once

#include "types.h"

/* `size` bytes, at most PAGE_SIZE, not zeroed, aligned to 16. NULL when memory is out. */
void *heap_alloc(u64 size);
/* Gives them back; `size` as it was asked for. */
void heap_free(void *object, u64 size);

/* Pages that the heap holds beyond what its live objects fill. When all objects are freed, these
 * are all its pages, and what is left of an object shows as a page that is not spare. */
u64 heap_spare_pages(void);
