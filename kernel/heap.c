#include "heap.h"
#include "frames.h"
#include "layout.h"

/* Classes of 32 to 4096 bytes. The last is a page as it comes. */
enum { SMALLEST_SHIFT = 5, CLASS_COUNT = PAGE_SHIFT - SMALLEST_SHIFT };

struct size_class {
    void **recycled;
    u8 *fresh, *fresh_end; /* the rest of the page taken last */
};

static struct size_class classes[CLASS_COUNT];
static u64 pages, live_bytes;

static u32 class_of(u64 size) {
    u32 shift = SMALLEST_SHIFT;
    while ((1ul << shift) < size)
        shift++;
    return shift - SMALLEST_SHIFT;
}

void *heap_alloc(u64 size) {
    u32 n = class_of(size);
    if (n >= CLASS_COUNT) return frame_alloc();
    struct size_class *class = &classes[n];
    u64 step = 1ul << (n + SMALLEST_SHIFT);
    void **object = class->recycled;
    if (object) {
        class->recycled = *object;
    } else {
        if (class->fresh == class->fresh_end) {
            u8 *page = frame_alloc();
            if (!page) return NULL;
            pages++;
            class->fresh = page;
            class->fresh_end = page + PAGE_SIZE;
        }
        object = (void **)class->fresh;
        class->fresh += step;
    }
    live_bytes += step;
    return object;
}

void heap_free(void *object, u64 size) {
    u32 n = class_of(size);
    if (n >= CLASS_COUNT) {
        frame_free(object);
        return;
    }
    *(void **)object = classes[n].recycled;
    classes[n].recycled = object;
    live_bytes -= 1ul << (n + SMALLEST_SHIFT);
}

u64 heap_spare_pages(void) { return pages - (live_bytes + PAGE_SIZE - 1) / PAGE_SIZE; }
