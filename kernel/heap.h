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

/* Pages that the heap holds but could do without: for the count of leaked pages, every page that
 * has no live object in it would be one of them; live ones are counted by size. */
u64 heap_spare_pages(void);
