/* Open file descriptions (open(2)): what a descriptor stands for, shared by those who inherit it.
 */
#pragma once

#include "file.h"

/* Values on Linux: include/uapi/asm-generic/fcntl.h, arch/arm64/include/uapi/asm/fcntl.h. */
enum { O_WRONLY = 1, O_RDWR = 2, O_ACCMODE = 3, O_CREAT = 0100, O_EXCL = 0200, O_TRUNC = 01000 };
enum { O_APPEND = 02000, O_DIRECTORY = 040000, O_DIRECT = 0200000, O_PATH = 010000000 };
enum { O_TMPFILE = 020000000 }; /* Linux's __O_TMPFILE */
/* Value on Linux: include/uapi/linux/fcntl.h. */
enum { AT_FDCWD = -100 };

struct description {
    u32 users;
    u8 reads, writes;  /* neither one with O_PATH or all of O_ACCMODE: open(2) */
    u8 appends;        /* O_APPEND */
    u8 seeks;          /* all but the console, and with O_PATH */
    struct file *file; /* NULL: the console, or for reading the end of file */
    u64 offset;
};

/* What descriptors 0 (reads end of file) and 1 and 2 (the console) of the first process are. */
extern struct description description_null, description_console;

/* A description of `file` with one user. NULL when memory is out. */
struct description *description_open(struct file *file, u32 flags);
/* One user less. */
void description_close(struct description *description);
