/* Open file descriptions (open(2)): what a descriptor stands for, shared by those who inherit it.
 */
#pragma once

#include "abi/files.h"
#include "file.h"

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
