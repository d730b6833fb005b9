#include "touch.h"
#include "abi/errno.h"
#include "frames.h"
#include "machine.h"

/* Zero pages touched one after the other come in runs that double up to this many: a large buffer
 * takes 64 times fewer faults, and scattered touches still get single pages. */
enum { RUN_MAX = 64 };

/* Puts an entry in place. Only a change of a valid one needs the old translation dropped. */
static void entry_set(u64 *entry, uaddr address, u64 value) {
    if (*entry) {
        *entry = 0;
        tlb_flush_page(address);
    }
    *entry = value;
    tables_publish();
}

/* Makes `to` equal to `from`, writing only what differs: a write to a page that holds translated
 * code makes QEMU translate it again. Returns whether anything differed. */
static int update(u8 *to, const u8 *from, u64 size) {
    int changed = 0;
    for (; size >= 8 && (u64)to % 8 == 0; to += 8, from += 8, size -= 8) {
        if (*(u64 *)to != *(const u64 *)from) {
            *(u64 *)to = *(const u64 *)from;
            changed = 1;
        }
    }
    for (; size > 0; to++, from++, size--) {
        if (*to != *from) {
            *to = *from;
            changed = 1;
        }
    }
    return changed;
}

/*
 * A copy of the bytes of the file that belong to `page`, zeros after them. A page that may be both
 * written and executed is kept with the image for the next spawn, and then only repaired; unless
 * another process runs the same image, whose pages those are.
 */
static int map_copy(struct space *space, const struct elf_segment *segment, uaddr page,
                    u64 *entry) {
    u64 offset = segment->offset - (segment->start - page), size = PAGE_SIZE, owned = 0;
    const u8 *from = pages_find(&space->image->data, offset >> PAGE_SHIFT);
    int changed = 1;
    u8 *frame;

    if (!from) from = zero_page;
    if (page + PAGE_SIZE > segment->file_end && segment->end > segment->file_end)
        size = segment->file_end - page;
    if ((segment->flags & ELF_EXECUTE) && space->has_text) {
        frame = pages_make(&space->image->text, page >> PAGE_SHIFT);
        if (!frame) return -ENOMEM;
        changed = update(frame, from, size);
        changed |= update(frame + size, zero_page + size, PAGE_SIZE - size);
    } else {
        frame = frame_alloc();
        if (!frame) return -ENOMEM;
        memcpy(frame, from, size);
        memset(frame + size, 0, PAGE_SIZE - size);
        owned = ENTRY_OWNED;
    }
    if ((segment->flags & ELF_EXECUTE) && changed) {
        cache_clean(frame, PAGE_SIZE);
        icache_flush();
    }
    entry_set(entry, page, space_entry_for(frame, segment->flags) | owned);
    return 0;
}

/* Zero pages from `page` on: one, or a run if the last run ended here; not beyond `end` or the
 * table, nor over a page that is there. */
static int map_zeros(struct space *space, uaddr page, uaddr end, u32 flags, u64 *entry) {
    u64 empty = *entry, run = 1, count = 0,
        room = TABLE_ENTRIES - (page >> PAGE_SHIFT) % TABLE_ENTRIES;

    if (page == space->next_touch) run = space->run < RUN_MAX ? 2 * (u64)space->run : RUN_MAX;
    space->run = (u32)run;
    if (room > (end - page) >> PAGE_SHIFT) room = (end - page) >> PAGE_SHIFT;
    if (run > room) run = room;
    while (count < run && entry[count] == empty) {
        void *frame = frame_alloc_zero();
        if (!frame) break;
        entry[count++] = space_entry_for(frame, flags) | ENTRY_OWNED;
    }
    space->next_touch = page + count * PAGE_SIZE;
    tables_publish();
    return count ? 0 : -ENOMEM;
}

static const struct elf_segment *segment_at(const struct space *space, uaddr page) {
    u32 i;
    for (i = 0; i < space->elf->count; i++) {
        const struct elf_segment *segment = &space->elf->segments[i];
        if (page >= (segment->start & ~PAGE_MASK) && page < segment->end) return segment;
    }
    return NULL;
}

/* Whether the page, of the segment's bytes in the file, lies beyond the last page of the file. */
static int is_beyond_file(const struct space *space, const struct elf_segment *segment,
                          uaddr page) {
    u64 offset = segment->offset - (segment->start - page);
    return page < segment->file_end && offset >= ((space->image->size + PAGE_MASK) & ~PAGE_MASK);
}

/* The rights of a page of anonymous memory that was not touched yet; 0 for any other. */
static u32 reserved_rights(const struct space *space, uaddr page) {
    const u64 *entry = page < USER_END ? space_entry_find(space, page) : NULL;
    return entry && !(*entry & ENTRY_VALID) ? *entry >> ENTRY_RIGHTS_SHIFT & 7 : 0;
}

int touch_page(struct space *space, uaddr address, enum access access) {
    const struct elf_segment *segment = NULL;
    uaddr page = address & ~PAGE_MASK, end = USER_END;
    u32 flags = ELF_READ | ELF_WRITE;

    if (address >= space->heap && address < space->brk) {
        end = (space->brk + PAGE_MASK) & ~PAGE_MASK;
    } else if (address < STACK_BASE || address >= USER_END) {
        segment = segment_at(space, page);
        flags = segment ? segment->flags : reserved_rights(space, page);
        if (segment) end = (segment->end + PAGE_MASK) & ~PAGE_MASK;
    } else if (page < space->stack) {
        space->stack = page;
    }
    /* What may be executed or written may be read: the tables cannot say otherwise. */
    if (access == ACCESS_READ ? !flags : !(flags & access)) return -EFAULT;
    if (segment && is_beyond_file(space, segment, page)) return -EIO;
    u64 *entry = space_entry(space, page);
    if (!entry) return -ENOMEM;
    if (*entry & ENTRY_VALID && (access != ACCESS_WRITE || !(*entry & ENTRY_READ_ONLY)))
        return -EFAULT; /* there already, so that something else is wrong */
    if (segment && page < segment->file_end) return map_copy(space, segment, page, entry);
    return map_zeros(space, page, end, flags, entry);
}
