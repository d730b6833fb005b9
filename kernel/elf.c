#include "elf.h"
#include "abi/errno.h"
#include "cstring.h"
#include "layout.h"

enum { HEADER_SIZE = 64, PROGRAM_HEADER_SIZE = 56, TYPE_EXECUTABLE = 2, MACHINE_AARCH64 = 183 };
enum { SEGMENT_LOAD = 1, SEGMENT_INTERPRETER = 3 };

/* As Linux's loff_t; what is added stays below 2^64. */
#define OFFSET_MAX 0x7ffffffffffff000ul

/* A little-endian number of `size` bytes. */
static u64 number(const u8 *at, u32 size) {
    u64 value = 0;
    while (size-- > 0)
        value = value << 8 | at[size];
    return value;
}

/* Whether the segment shares a page with an earlier one. */
static int overlaps(const struct elf *elf, const struct elf_segment *segment) {
    const struct elf_segment *other = elf->segments, *end = other + elf->count;
    while (other < end && (segment->start / PAGE_SIZE > (other->end - 1) / PAGE_SIZE ||
                           other->start / PAGE_SIZE > (segment->end - 1) / PAGE_SIZE))
        other++;
    return other < end;
}

static int read_segment(struct elf *elf, const u8 *header, u64 file_size, uaddr low, uaddr high) {
    u64 start = number(header + 16, 8), file_bytes = number(header + 32, 8);
    u64 bytes = number(header + 40, 8);
    struct elf_segment segment;

    /* Linkers write any offset where there are no bytes in the file. */
    segment.offset = file_bytes ? number(header + 8, 8) : start % PAGE_SIZE;
    segment.flags = (u32)number(header + 4, 4);
    if (bytes == 0) return file_bytes ? -ENOEXEC : 0;
    if (start < low || bytes > high - low || start > high - bytes) return -ENOEXEC;
    if (file_bytes > bytes || segment.offset > OFFSET_MAX) return -ENOEXEC;
    /* Like Linux's mmap, a segment may go on behind the file's end: the rest of its last page is
     * zeros, and a touch beyond that is a SIGBUS. But zeros cannot be put into a page that is not
     * there. */
    if (bytes > file_bytes && (start + file_bytes) % PAGE_SIZE && file_bytes &&
        (segment.offset + file_bytes - 1) / PAGE_SIZE >= (file_size + PAGE_SIZE - 1) / PAGE_SIZE)
        return -ENOEXEC;
    if ((start - segment.offset) % PAGE_SIZE || elf->count == ELF_SEGMENTS_MAX) return -ENOEXEC;
    segment.start = start;
    segment.file_end = start + file_bytes;
    segment.end = start + bytes;
    if (overlaps(elf, &segment)) return -ENOEXEC;
    elf->segments[elf->count++] = segment;
    return 0;
}

int elf_read(struct elf *elf, const u8 *head, u64 size, u64 file_size, uaddr low, uaddr high) {
    if (size > ELF_HEAD_SIZE) size = ELF_HEAD_SIZE;
    /* Magic, 64-bit, little endian; like Linux, nothing else of e_ident. */
    if (size < HEADER_SIZE || !cstring_equal((const char *)head, "\177ELF\2\1", 6)) return -ENOEXEC;
    if (number(head + 16, 2) != TYPE_EXECUTABLE || number(head + 18, 2) != MACHINE_AARCH64)
        return -ENOEXEC;
    u64 offset = number(head + 32, 8), count = number(head + 56, 2), i;
    if (number(head + 54, 2) != PROGRAM_HEADER_SIZE || offset > size ||
        count > (size - offset) / PROGRAM_HEADER_SIZE)
        return -ENOEXEC;
    elf->entry = number(head + 24, 8);
    elf->count = 0;
    elf->is_clean = 0;
    for (i = 0; i < count; i++) {
        const u8 *header = head + offset + i * PROGRAM_HEADER_SIZE;
        u64 type = number(header, 4);
        if (type == SEGMENT_INTERPRETER) return -ENOEXEC;
        if (type == SEGMENT_LOAD && read_segment(elf, header, file_size, low, high))
            return -ENOEXEC;
    }
    return elf->count ? 0 : -ENOEXEC;
}
