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
    int has_text;          /* written text pages are kept in image->text */
};

#define PAGE_MASK ((u64)PAGE_SIZE - 1)

/* Nothing is mapped for so long below the stack, so that a small overrun is a fault. */
#define STACK_GUARD 0x100000

enum access { ACCESS_READ = ELF_READ, ACCESS_WRITE = ELF_WRITE, ACCESS_EXECUTE = ELF_EXECUTE };

/* Builds the space of a program. Returns 0, -ENOEXEC or -ENOMEM; space_close is due in any case. */
int space_open(struct space *space, struct file *image);
/* Frees all that it has. It must not be the one in use (tables_switch). */
void space_close(struct space *space);

/* The level-3 entry of `address`, with its table made if there is none; NULL when memory is out. */
u64 *space_entry(struct space *space, uaddr address);
/* An entry that maps `frame` as a segment's flags say. */
u64 space_entry_for(const void *frame, u32 flags);

/* Makes the page of `address` accessible. Returns 0, -EFAULT if the program has no such access,
 * -EIO if it has but the file ends before the page, or -ENOMEM. */
int space_touch(struct space *space, uaddr address, enum access access);

/* The kernel's view of the user bytes from `address` on, after checking that the program itself has
 * this access; *count is how many lie in the page, at most `limit`. NULL with *error set to -EFAULT
 * or -ENOMEM, and *count to 0. */
u8 *space_bytes(struct space *space, uaddr address, enum access access, u64 limit, u64 *count,
                int *error);

/* Copies between kernel and user memory: to `address` for ACCESS_WRITE, else from there. 0, -EFAULT
 * or -ENOMEM, perhaps after a part is done. */
int space_copy(struct space *space, uaddr address, enum access access, void *buffer, u64 size);
/* The length of the string at `address`, or `limit` if it has no NUL in so many bytes; or -EFAULT,
 * -ENOMEM. */
i64 space_string(struct space *space, uaddr address, u64 limit);

/* Moves the break as brk(2) on Linux: returns the new one, or the old one if it cannot be. */
uaddr space_brk(struct space *space, uaddr wanted);
