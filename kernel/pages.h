/*
 * A sparse array of pages: a tree whose inner nodes are pages of 512 pointers and which grows a
 * level when an index does not fit, so that nothing is ever copied to a larger place.
 */
#pragma once

#include "types.h"

/* Zeroed, it is empty. With height 0 the root is the page of index 0 itself. */
struct pages {
    void *root;
    u32 height;
};

/* The page at `index`, or NULL if there is none. */
u8 *pages_find(const struct pages *pages, u64 index);
/* The first page at *index or behind it, to which *index moves; NULL if there is none. */
u8 *pages_next(const struct pages *pages, u64 *index);
/* The page at `index`, made and zeroed if there is none. NULL when memory is out. `index` is below
 * 2^27. */
u8 *pages_make(struct pages *pages, u64 index);
/* Frees all of them. */
void pages_free(struct pages *pages);
