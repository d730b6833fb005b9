/* mmap, munmap and mprotect of anonymous memory, between heap and stack. Its whole state stands in
 * the entries of level 3: a page that was not touched yet has its rights there. What the
 * program, its heap and its stack are made of is not for these calls to change. */
#include "abi/errno.h"
#include "abi/memory.h"
#include "frames.h"
#include "machine.h"
#include "process.h"
#include "syscall.h"

#define MAP_END (STACK_BASE - STACK_GUARD)

static u64 whole_pages(u64 size) { return (size + PAGE_MASK) & ~PAGE_MASK; }

/* Like Linux on arm64, munmap and mprotect do not look at bits 56 to 63 of a user address. */
static uaddr untagged(u64 address) { return address & (u64)((i64)(address << 8) >> 8); }

/* Whether [start, end) touches what is not anonymous memory's. */
static int is_foreign(uaddr start, uaddr end) {
    return start < USER_END && end > USER_BASE &&
           (start < whole_pages(current->space.brk) || end > MAP_END);
}

/* The highest free place, below which the heap has room to grow; 0 if there is none. */
static uaddr highest_free(const struct space *space, u64 size) {
    uaddr low = whole_pages(space->brk) + PAGE_SIZE, end = space->map_full, page = end;
    while (page > low && end - page < size) {
        page -= PAGE_SIZE;
        if (!space_is_free(space, page, page + PAGE_SIZE)) end = page;
    }
    return end - page < size ? 0 : page;
}

/* Where `size` bytes shall lie. The order of the checks is Linux's. */
static int choose(const struct space *space, uaddr wanted, u64 size, u64 flags, uaddr *start) {
    u64 is_fixed = flags & (MAP_FIXED | MAP_FIXED_NOREPLACE);
    *start = is_fixed ? wanted : wanted & ~PAGE_MASK;
    if (size > USER_END || (is_fixed && wanted > USER_END - size)) return -ENOMEM;
    if (*start & PAGE_MASK) return -EINVAL;
    int is_good =
        *start >= USER_BASE && *start <= USER_END - size && !is_foreign(*start, *start + size);
    if (is_good && space_is_free(space, *start, *start + size)) return 0;
    if (flags & MAP_FIXED_NOREPLACE) return -EEXIST;
    if (flags & MAP_FIXED) return is_good ? 0 : -EINVAL;
    *start = highest_free(space, size);
    return *start ? 0 : -ENOMEM;
}

/* PROT_READ 1, PROT_WRITE 2, PROT_EXEC 4; ELF has them the other way round. */
static u32 rights_of(u64 x) { return (u32)((x & 1) << 2 | (x & 2) | (x & 4) >> 2); }

/* Makes the tables first, after which nothing can fail. */
static int map(struct space *space, uaddr start, uaddr end, u32 rights) {
    uaddr page;
    if ((rights & ELF_WRITE) && (end - start) >> PAGE_SHIFT > frames_left()) return -ENOMEM;
    if (start < space->map_low) space->map_low = start;
    for (page = start; page < end; page += PAGE_SIZE)
        if (!space_entry(space, page)) return -ENOMEM;
    space_unmap(space, start, end);
    for (page = start; page < end; page += PAGE_SIZE)
        *space_entry_find(space, page) = ENTRY_RESERVED | (u64)rights << ENTRY_RIGHTS_SHIFT;
    tlb_flush();
    if (end == space->map_full) space->map_full = start;
    return 0;
}

i64 sys_mmap(const u64 *x) {
    struct space *space = &current->space;
    u64 size = whole_pages(x[1]), type = x[3] & MAP_TYPE;
    uaddr start;
    if (x[5] & PAGE_MASK) return -EINVAL;
    if (!(x[3] & MAP_ANONYMOUS)) return process_descriptor(x[4]) ? -ENODEV : -EBADF;
    if (!size) return x[1] ? -ENOMEM : -EINVAL;
    if (!space->map_low) space->map_low = space->map_full = MAP_END;
    int error = choose(space, x[0], size, x[3], &start);
    if (!error && type != MAP_PRIVATE && type != MAP_SHARED) error = -EINVAL;
    if (!error) error = map(space, start, start + size, rights_of(x[2]));
    return error ? error : (i64)start;
}

i64 sys_munmap(const u64 *x) {
    struct space *space = &current->space;
    uaddr start = untagged(x[0]), end = start + whole_pages(x[1]);
    if ((start & PAGE_MASK) || start > ADDRESS_END || x[1] > ADDRESS_END - start || start == end ||
        is_foreign(start, end))
        return -EINVAL;
    if (start >= USER_END || !space->map_low) return 0;
    space_unmap(space, start, end);
    tlb_flush();
    if (end > space->map_full) space->map_full = end;
    return 0;
}

/* Changes pages up to one that is not there, as Linux does. */
i64 sys_mprotect(const u64 *x) {
    uaddr page = untagged(x[0]), end = page + whole_pages(x[1]);
    u32 rights = rights_of(x[2]);
    if (page & PAGE_MASK) return -EINVAL;
    if (!x[1]) return 0;
    if (end <= page) return -ENOMEM;
    if ((x[2] & ~(u64)PROT_ALL) || is_foreign(page, page + 1)) return -EINVAL;
    for (; page < end && page < USER_END; page += PAGE_SIZE) {
        u64 *entry = space_entry_find(&current->space, page);
        if (!entry || !*entry) break;
        u64 owned = *entry & (ENTRY_OWNED | ENTRY_ADDRESS);
        *entry = ENTRY_RESERVED | owned | (u64)rights << ENTRY_RIGHTS_SHIFT;
        if (owned && rights)
            *entry = space_entry_for((void *)(owned & ENTRY_ADDRESS), rights) | ENTRY_OWNED;
    }
    tlb_flush();
    return page < end ? -ENOMEM : 0;
}
