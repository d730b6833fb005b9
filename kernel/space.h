/*
 * A user address space: the segments of a program, its heap and its stack. Pages come on first
 * touch. Pages of a program's file are mapped as they stand in the file, so that they are at the
 * same physical and virtual address in every spawn of it, which keeps QEMU's translations alive;
 * written ones are copied first.
 */
#pragma once

#include "file.h"
#include "table.h"

struct space {
    u64 *level2;
    struct file *image;
    const struct elf *elf; /* the image's */
    uaddr heap, brk;       /* [heap, brk) is what brk has given */
    uaddr heap_top;        /* the highest break there was */
    uaddr stack;           /* the lowest page touched */
    uaddr next_touch;      /* where the last run of zero pages ended */
    u32 run;               /* how many pages it had */
    uaddr map_low;         /* the lowest page that mmap ever gave; 0 before it was asked */
    uaddr map_full;        /* from here on there is no room for it */
    int has_text;          /* written text pages are kept in image->text */
};

#define PAGE_MASK ((u64)PAGE_SIZE - 1)

/* The unmapped guard below the stack, in bytes: a small overrun is a fault. */
#define STACK_GUARD 0x100000

enum access { ACCESS_READ = ELF_READ, ACCESS_WRITE = ELF_WRITE, ACCESS_EXECUTE = ELF_EXECUTE };

/* Builds the space of a program. Returns 0, -ENOEXEC or -ENOMEM; space_close is due in any case. */
int space_open(struct space *space, struct file *image);
/* Frees all that it has. It must not be the one in use (tables_switch). */
void space_close(struct space *space);

/* The level-3 entry of `address`; NULL where its table is missing. */
u64 *space_entry_find(const struct space *space, uaddr address);
/* The level-3 entry of `address`, with its table made if there is none; NULL when memory is out. */
u64 *space_entry(struct space *space, uaddr address);
/* An entry that maps `frame` as a segment's flags say. */
u64 space_entry_for(const void *frame, u32 flags);

/* Unmaps the pages in [start, end), and frees those that belong to the space. The caller drops the
 * translations. */
void space_unmap(struct space *space, uaddr start, uaddr end);
/* Whether no page in [start, end), below USER_END, has an entry. */
int space_is_free(const struct space *space, uaddr start, uaddr end);

/* Moves the break as brk(2) on Linux: returns the new one, or the old one if it cannot be. */
uaddr space_brk(struct space *space, uaddr wanted);
