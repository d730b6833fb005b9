/* Contents of files: bytes of the initramfs until they are first written, then pages. */
#pragma once

#include "elf.h"
#include "pages.h"

/* A newc archive, which is how files go out, counts sizes in 32 bits. */
#define FILE_SIZE_MAX 0xfffffffful

struct file {
    struct file *hash_next;
    struct file *newer, **link; /* files in the order in which they were made, and what points at
                                 * this one; not for folders */
    char *path;                 /* normalised (path.h), with its NUL; heap, path_length + 1 bytes */
    u32 path_length;
    u32 hash;
    u64 size;
    const u8 *initial; /* the contents as long as they are those of the initramfs, else NULL */
    struct pages data; /* else these; bytes of the last page beyond size are zero */
    struct elf *elf;   /* what it says as a program, once it has been run: space.c */
    struct pages text; /* private copies of written text pages, by user page number: space.c */
    u32 users;         /* open descriptions and running processes */
    u32 writers;       /* open descriptions that may write */
    u32 runners;       /* processes that run it */
    u32 children;      /* of a folder: files below it */
    u8 is_folder;
    u8 is_linked;     /* has its name */
    u8 text_is_taken; /* a process uses `text` */
};

/* The bytes from `offset` on that lie in one piece, and how many, at most to the end of the file.
 * For reading; a hole shows as zeros. `offset` is below the size. */
const u8 *file_bytes(const struct file *file, u64 offset, u64 *count);

/* The same for writing, up to the end of the page, below or beyond the end of the file, whose
 * size the caller sets. NULL when memory is out. */
u8 *file_room(struct file *file, u64 offset, u64 *count);

/* Copies at most `count` bytes at `offset` to `to`; returns how many there were. */
u64 file_copy(const struct file *file, u64 offset, void *to, u64 count);

/* Moves the contents from the initramfs into pages. Returns 0 or -ENOMEM, with nothing changed. */
int file_own(struct file *file);
/* Makes it empty. */
void file_clear(struct file *file);
