#include "frames.h"
#include "machine.h"

/* Each memory range is split by kernel, device tree and initrd: at most three more pieces. */
enum { FREE_RANGES_MAX = BOARD_MEMORY_MAX + 3 };

static struct range fresh[FREE_RANGES_MAX];
static u32 fresh_count, fresh_now;
static void **recycled, **recycled_zero; /* the latter are zeros but for the link */
static u64 used, total;

void frames_add(struct range ram, const struct range *holes, u32 hole_count) {
    u32 i;
    for (i = 0; i < hole_count; i++) {
        if (holes[i].start >= ram.end || holes[i].end <= ram.start) continue;
        struct range below = {ram.start, holes[i].start};
        if (below.start < below.end) frames_add(below, holes + i + 1, hole_count - i - 1);
        ram.start = holes[i].end;
    }
    ram.start = (ram.start + PAGE_SIZE - 1) & ~(u64)(PAGE_SIZE - 1);
    ram.end &= ~(u64)(PAGE_SIZE - 1);
    if (ram.start >= ram.end) return;
    if (fresh_count == FREE_RANGES_MAX) panic("memory is in too many pieces", ram.start);
    fresh[fresh_count++] = ram;
    total += (ram.end - ram.start) >> PAGE_SHIFT;
}

void *frames_take(u64 size) {
    u32 i;
    size = (size + PAGE_SIZE - 1) & ~(u64)(PAGE_SIZE - 1);
    for (i = 0; i < fresh_count; i++) {
        if (size <= fresh[i].end - fresh[i].start) {
            fresh[i].start += size;
            total -= size >> PAGE_SHIFT;
            return (void *)(fresh[i].start - size);
        }
    }
    return NULL;
}

/* The first frame of a list, or NULL. */
static void *take(void ***list) {
    void **frame = *list;
    if (frame) {
        *list = *frame;
        used++;
    }
    return frame;
}

void *frame_alloc(void) {
    void **frame = take(&recycled);
    if (frame) return frame;
    for (; fresh_now < fresh_count; fresh_now++) {
        struct range *range = &fresh[fresh_now];
        if (range->start == range->end) continue;
        used++;
        range->start += PAGE_SIZE;
        return (void *)(range->start - PAGE_SIZE); /* RAM is mapped one to one */
    }
    return take(&recycled_zero);
}

void *frame_alloc_zero(void) {
    void **frame = take(&recycled_zero);
    if (frame) {
        *frame = NULL;
        return frame;
    }
    frame = frame_alloc();
    if (frame) memset(frame, 0, PAGE_SIZE);
    return frame;
}

void frame_free(void *frame) {
    *(void **)frame = recycled;
    recycled = frame;
    used--;
}

void frame_free_zero(void *frame) {
    *(void **)frame = recycled_zero;
    recycled_zero = frame;
    used--;
}

u64 frames_used(void) { return used; }

u64 frames_left(void) { return total - used; }
