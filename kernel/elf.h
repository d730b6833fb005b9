/* Reader of static aarch64 executables: System V ABI, chapters 4 and 5; ELF for the Arm 64-bit
 * Architecture. Takes a pointer and a length and touches nothing else. */
#pragma once

#include "types.h"

/* The ELF header and all program headers stand in the first page of the file, as every linker of
 * static programs puts them: 71 program headers at most. */
#define ELF_HEAD_SIZE 4096
/* Linkers make two to six loadable segments. */
#define ELF_SEGMENTS_MAX 16

enum { ELF_EXECUTE = 1, ELF_WRITE = 2, ELF_READ = 4 };

/* What to load: bytes [start, file_end) come from the file at `offset`, [file_end, end) are zero.
 * The file may end before: up to the end of its last page there are zeros, and beyond it nothing.
 * The pages that segments cover do not overlap, and offset and start agree within a page. */
struct elf_segment {
    uaddr start, file_end, end;
    u64 offset;
    u32 flags;
};

struct elf {
    uaddr entry;
    u32 count;
    int is_clean; /* what is executed has been made fit to be fetched: space.c */
    struct elf_segment segments[ELF_SEGMENTS_MAX];
};

/* Reads the first `size` bytes (at most ELF_HEAD_SIZE are looked at) of a file of `file_size`
 * bytes. Segments must lie in [low, high), which are multiples of the page size. Returns 0, or
 * -ENOEXEC if it is not a static aarch64 executable or asks for something that cannot be loaded. */
int elf_read(struct elf *elf, const u8 *head, u64 size, u64 file_size, uaddr low, uaddr high);
