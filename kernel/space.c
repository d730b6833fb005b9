#include "space.h"
#include "error.h"
#include "frames.h"
#include "machine.h"

/* Where the entry of `address` is in its level-3 table; NULL if there is none. */
static u64 *entry_find(const struct space *space, uaddr address)
{
    u64 table = space->level2[address >> LEVEL2_SHIFT];
    if (!table)
        return NULL;
    return (u64 *)(table & ENTRY_ADDRESS) + (address >> PAGE_SHIFT) % TABLE_ENTRIES;
}

u64 *space_entry(struct space *space, uaddr address)
{
    u64 *table = &space->level2[address >> LEVEL2_SHIFT];
    if (!*table) {
        void *frame = frame_alloc_zero();
        if (!frame)
            return NULL;
        *table = (u64)frame | ENTRY_TABLE;
    }
    return entry_find(space, address);
}

u64 space_entry_for(const void *frame, u32 flags)
{
    u64 entry =
        (u64)frame | ENTRY_PAGE | ENTRY_USER | ENTRY_SHARED | ENTRY_ACCESSED | ENTRY_EL1_NO_EXECUTE;
    if (!(flags & ELF_WRITE))
        entry |= ENTRY_READ_ONLY;
    if (!(flags & ELF_EXECUTE))
        entry |= ENTRY_EL0_NO_EXECUTE;
    return entry;
}

u8 *space_file_page(const struct space *space, const struct elf_segment *segment, uaddr page)
{
    if (page >= segment->file_end ||
        (page + PAGE_SIZE > segment->file_end && segment->end > segment->file_end))
        return NULL;
    u64 offset = segment->offset - (segment->start - page);
    return pages_find(&space->image->data, offset >> PAGE_SHIFT);
}

/* Maps the pages of the file that need no copy, read-only. */
static int map_segment(struct space *space, const struct elf_segment *segment)
{
    uaddr page;
    for (page = segment->start & ~PAGE_MASK; page < segment->file_end; page += PAGE_SIZE) {
        u8 *frame = space_file_page(space, segment, page);
        if (!frame || !segment->flags)
            continue;
        u64 *entry = space_entry(space, page);
        if (!entry)
            return -ENOMEM;
        if ((segment->flags & ELF_EXECUTE) && !space->image->text_is_clean)
            cache_clean(frame, PAGE_SIZE);
        *entry = space_entry_for(frame, segment->flags & ~(u32)ELF_WRITE);
    }
    return 0;
}

int space_open(struct space *space, struct file *image)
{
    const u8 *head = zero_page;
    u64 head_size = 0;
    u32 i;

    space->image = image;
    if (file_own(image))
        return -ENOMEM;
    if (image->size > 0)
        head = file_bytes(image, 0, &head_size);
    if (elf_read(&space->elf, head, head_size, image->size, USER_BASE, STACK_BASE - STACK_GUARD))
        return -ENOEXEC;
    space->level2 = frame_alloc_zero();
    if (!space->level2)
        return -ENOMEM;
    for (i = 0; i < space->elf.count; i++) {
        const struct elf_segment *segment = &space->elf.segments[i];
        if (map_segment(space, segment))
            return -ENOMEM;
        if (space->heap < segment->end)
            space->heap = (segment->end + PAGE_MASK) & ~PAGE_MASK;
    }
    space->brk = space->heap;
    if (!image->text_is_clean) {
        icache_flush();
        image->text_is_clean = 1;
    }
    if (!image->text_is_taken)
        space->has_text = image->text_is_taken = 1;
    return 0;
}

static void close_table(u64 *entries)
{
    u32 i;
    for (i = 0; i < TABLE_ENTRIES; i++)
        if (entries[i] & ENTRY_OWNED)
            frame_free((void *)(entries[i] & ENTRY_ADDRESS));
    frame_free(entries);
}

void space_close(struct space *space)
{
    u64 n;
    if (space->has_text)
        space->image->text_is_taken = 0;
    if (!space->level2)
        return;
    for (n = USER_BASE >> LEVEL2_SHIFT; n < USER_END >> LEVEL2_SHIFT; n++)
        if (space->level2[n])
            close_table((u64 *)(space->level2[n] & ENTRY_ADDRESS));
    frame_free(space->level2);
}

u8 *space_bytes(struct space *space, uaddr address, enum access access, u64 *count, int *error)
{
    for (;;) {
        if (address >= USER_BASE && address < USER_END) {
            u64 *entry = entry_find(space, address);
            if (entry && *entry && (access != ACCESS_WRITE || !(*entry & ENTRY_READ_ONLY))) {
                *count = PAGE_SIZE - address % PAGE_SIZE;
                return (u8 *)(*entry & ENTRY_ADDRESS) + address % PAGE_SIZE;
            }
        }
        *error = space_touch(space, address, access);
        if (*error)
            return NULL;
    }
}

int space_read(struct space *space, void *to, uaddr from, u64 size)
{
    u64 done = 0, piece;
    int error;
    while (done < size) {
        const u8 *bytes = space_bytes(space, from + done, ACCESS_READ, &piece, &error);
        if (!bytes)
            return error;
        if (piece > size - done)
            piece = size - done;
        memcpy((u8 *)to + done, bytes, piece);
        done += piece;
    }
    return 0;
}

int space_write(struct space *space, uaddr to, const void *from, u64 size)
{
    u64 done = 0, piece;
    int error;
    while (done < size) {
        u8 *bytes = space_bytes(space, to + done, ACCESS_WRITE, &piece, &error);
        if (!bytes)
            return error;
        if (piece > size - done)
            piece = size - done;
        memcpy(bytes, (const u8 *)from + done, piece);
        done += piece;
    }
    return 0;
}

i64 space_string(struct space *space, char *to, uaddr from, u64 room)
{
    u64 length = 0, piece;
    int error;
    while (length < room) {
        const u8 *bytes = space_bytes(space, from + length, ACCESS_READ, &piece, &error);
        if (!bytes)
            return error;
        for (; piece > 0 && length < room; piece--) {
            to[length] = (char)*bytes++;
            if (to[length] == 0)
                return (i64)length;
            length++;
        }
    }
    return -ENAMETOOLONG;
}

/* Frees the heap's pages in [start, end), whole pages. */
static void heap_shrink(struct space *space, uaddr start, uaddr end)
{
    uaddr page;
    for (page = start; page < end; page += PAGE_SIZE) {
        u64 *entry = entry_find(space, page);
        if (entry && *entry) {
            frame_free((void *)(*entry & ENTRY_ADDRESS));
            *entry = 0;
        }
    }
    tlb_flush();
}

uaddr space_brk(struct space *space, uaddr wanted)
{
    if (wanted < space->heap || wanted > STACK_BASE - STACK_GUARD)
        return space->brk;
    uaddr old_end = (space->brk + PAGE_MASK) & ~PAGE_MASK;
    uaddr new_end = (wanted + PAGE_MASK) & ~PAGE_MASK;
    /* Pages come on first touch; what could not come at all is refused here. */
    if (new_end > old_end && (new_end - old_end) >> PAGE_SHIFT > frames_left())
        return space->brk;
    if (new_end < old_end)
        heap_shrink(space, new_end, old_end);
    space->brk = wanted;
    return wanted;
}
