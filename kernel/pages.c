#include "pages.h"
#include "frames.h"
#include "layout.h"

enum { NODE_SHIFT = PAGE_SHIFT - 3, NODE_MASK = (1 << NODE_SHIFT) - 1 };

/* The page at `index`, which the height allows; or NULL, with *height that of the node that is not
 * there. */
static void *descend(const struct pages *pages, u64 index, u32 *height) {
    void *node = pages->root;
    for (*height = pages->height; node && *height > 0;)
        node = ((void **)node)[index >> (--*height * NODE_SHIFT) & NODE_MASK];
    return node;
}

u8 *pages_find(const struct pages *pages, u64 index) {
    u32 height;
    return index >> (pages->height * NODE_SHIFT) ? NULL : descend(pages, index, &height);
}

u8 *pages_next(const struct pages *pages, u64 *index) {
    u32 height;
    while (!(*index >> (pages->height * NODE_SHIFT))) {
        u8 *page = descend(pages, *index, &height);
        if (page) return page;
        *index = ((*index >> (height * NODE_SHIFT)) + 1) << (height * NODE_SHIFT);
    }
    return NULL;
}

u8 *pages_make(struct pages *pages, u64 index) {
    while (index >> (pages->height * NODE_SHIFT)) {
        if (pages->root) {
            void **node = frame_alloc_zero();
            if (!node) return NULL;
            node[0] = pages->root;
            pages->root = node;
        }
        pages->height++;
    }
    u32 height = pages->height;
    void **slot = &pages->root;
    for (;;) {
        if (!*slot) *slot = frame_alloc_zero();
        if (!*slot || height == 0) return *slot;
        height--;
        slot = (void **)*slot + (index >> (height * NODE_SHIFT) & NODE_MASK);
    }
}

/* Recursion ends at height 0; heights are at most 3. */
static void free_node(void **node, u32 height) {
    u32 i;
    if (height > 0)
        for (i = 0; i <= NODE_MASK; i++)
            if (node[i]) free_node(node[i], height - 1);
    frame_free(node);
}

void pages_free(struct pages *pages) {
    if (pages->root) free_node(pages->root, pages->height);
    *pages = (struct pages){0};
}
