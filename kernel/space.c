#include "space.h"
#include "abi/errno.h"
#include "frames.h"
#include "heap.h"
#include "machine.h"

u64 *space_entry_find(const struct space *space, uaddr address) {
    u64 table = space->level2[address >> LEVEL2_SHIFT];
    if (!table) return NULL;
    return (u64 *)(table & ENTRY_ADDRESS) + (address >> PAGE_SHIFT) % TABLE_ENTRIES;
}

u64 *space_entry(struct space *space, uaddr address) {
    u64 *table = &space->level2[address >> LEVEL2_SHIFT];
    if (!*table) {
        void *frame = frame_alloc_zero();
        if (!frame) return NULL;
        *table = (u64)frame | ENTRY_TABLE;
    }
    return space_entry_find(space, address);
}

u64 space_entry_for(const void *frame, u32 flags) {
    u64 entry =
        (u64)frame | ENTRY_PAGE | ENTRY_USER | ENTRY_SHARED | ENTRY_ACCESSED | ENTRY_EL1_NO_EXECUTE;
    if (!(flags & ELF_WRITE)) entry |= ENTRY_READ_ONLY;
    if (!(flags & ELF_EXECUTE)) entry |= ENTRY_EL0_NO_EXECUTE;
    return entry;
}

/* Maps the pages of the file that need no copy, read-only; not the last one where it must end in
 * zeros that the file does not have. Holes are stepped over: there may be no end of them. */
static int map_segment(struct space *space, const struct elf_segment *segment) {
    uaddr page = segment->start & ~PAGE_MASK;
    u64 first = (segment->offset - (segment->start - page)) >> PAGE_SHIFT, index;
    uaddr end = segment->file_end;
    if (segment->end > end) end &= ~PAGE_MASK;
    for (index = first; segment->flags; index++) {
        u8 *frame = pages_next(&space->image->data, &index);
        uaddr address = page + ((index - first) << PAGE_SHIFT);
        if (!frame || address >= end) break;
        u64 *entry = space_entry(space, address);
        if (!entry) return -ENOMEM;
        *entry = space_entry_for(frame, segment->flags & ~(u32)ELF_WRITE);
        if (!space->elf->is_clean && (segment->flags & ELF_EXECUTE)) cache_clean(frame, PAGE_SIZE);
    }
    return 0;
}

/* Reads the image as a program. Done once for each contents of a file. */
static int prepare(struct file *image) {
    const u8 *head = zero_page;
    u64 size = 0;
    struct elf *elf = heap_alloc(sizeof *elf);
    int error = -ENOEXEC;

    if (!elf) return -ENOMEM;
    if (image->size > 0) head = file_bytes(image, 0, &size);
    if (!elf_read(elf, head, size, image->size, USER_BASE, STACK_BASE - STACK_GUARD))
        error = file_own(image);
    if (error)
        heap_free(elf, sizeof *elf);
    else
        image->elf = elf;
    return error;
}

int space_open(struct space *space, struct file *image) {
    const struct elf_segment *segment, *end;
    int error = image->elf ? 0 : prepare(image);

    space->image = image;
    if (error) return error;
    space->elf = image->elf;
    end = space->elf->segments + space->elf->count;
    for (segment = space->elf->segments; segment < end; segment++)
        if (space->heap < segment->end) space->heap = (segment->end + PAGE_MASK) & ~PAGE_MASK;
    space->brk = space->heap_top = space->heap;
    space->stack = USER_END;
    space->level2 = frame_alloc_zero();
    if (!space->level2) return -ENOMEM;
    for (segment = space->elf->segments; segment < end; segment++)
        if (map_segment(space, segment)) return -ENOMEM;
    if (!image->elf->is_clean) icache_flush();
    image->elf->is_clean = 1;
    if (!image->text_is_taken) space->has_text = image->text_is_taken = 1;
    return 0;
}

void space_unmap(struct space *space, uaddr start, uaddr end) {
    uaddr page = start & ~PAGE_MASK;
    while (page < end) {
        u64 *entry = space_entry_find(space, page);
        if (!entry) {
            page = ((page >> LEVEL2_SHIFT) + 1) << LEVEL2_SHIFT;
            continue;
        }
        if (*entry & ENTRY_OWNED) frame_free((void *)(*entry & ENTRY_ADDRESS));
        *entry = 0;
        page += PAGE_SIZE;
    }
}

int space_is_free(const struct space *space, uaddr start, uaddr end) {
    for (; start < end; start += PAGE_SIZE) {
        const u64 *entry = space_entry_find(space, start);
        if (entry && *entry) return 0;
    }
    return 1;
}

/* Frees the level-3 tables of [start, end), which are empty. */
static void free_tables(struct space *space, uaddr start, uaddr end) {
    u64 n;
    for (n = start >> LEVEL2_SHIFT; n << LEVEL2_SHIFT < end; n++) {
        if (space->level2[n]) {
            frame_free_zero((void *)(space->level2[n] & ENTRY_ADDRESS));
            space->level2[n] = 0;
        }
    }
}

void space_close(struct space *space) {
    u32 i;
    if (space->has_text) space->image->text_is_taken = 0;
    if (!space->level2) return;
    for (i = 0; i < space->elf->count; i++)
        space_unmap(space, space->elf->segments[i].start, space->elf->segments[i].end);
    space_unmap(space, space->heap, space->brk);
    space_unmap(space, space->stack, USER_END);
    if (space->map_low) space_unmap(space, space->map_low, STACK_BASE);
    free_tables(space, USER_BASE, space->heap_top);
    if (space->map_low) free_tables(space, space->map_low, STACK_BASE);
    free_tables(space, STACK_BASE, USER_END);
    frame_free_zero(space->level2);
}

uaddr space_brk(struct space *space, uaddr wanted) {
    if (wanted < space->heap || wanted > STACK_BASE - STACK_GUARD) return space->brk;
    uaddr old_end = (space->brk + PAGE_MASK) & ~PAGE_MASK;
    uaddr new_end = (wanted + PAGE_MASK) & ~PAGE_MASK;
    /* Pages come on first touch; what could not come at all is refused here. */
    if (new_end > old_end && (new_end - old_end) >> PAGE_SHIFT > frames_left()) return space->brk;
    /* Like Linux, not up to the page below what mmap has given. */
    if (space->map_low && new_end > old_end && !space_is_free(space, old_end, new_end + PAGE_SIZE))
        return space->brk;
    if (new_end < old_end) {
        space_unmap(space, new_end, old_end);
        tlb_flush();
    }
    if (space->heap_top < wanted) space->heap_top = wanted;
    space->brk = wanted;
    return wanted;
}
