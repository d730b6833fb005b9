/* The initial stack of a program: System V ABI for AArch64; argc, argv, the environment and an
 * auxiliary vector that has the size of a page, with the strings above them. */
#pragma once

#include "process.h"

/* Linux's rule: strings and pointers take at most a quarter of the stack. */
#define ARGS_SIZE_MAX ((USER_END - STACK_BASE) / 4)

struct args {
    struct process *process;
    uaddr string;  /* where the next byte goes */
    uaddr slot;    /* where the next pointer goes */
    uaddr current; /* where the string began that is being added */
};

/* Makes room for the vectors of `argc` arguments and `envc` settings, with strings of `size` bytes
 * in all, NULs counted, and stores argc. Returns 0, -E2BIG or -ENOMEM. */
int args_begin(struct args *args, struct process *process, u64 argc, u64 envc, u64 size);
/* Adds bytes to the current string; ends it, its NUL added. 0 or -ENOMEM. */
int args_add(struct args *args, const void *bytes, u64 size);
int args_end_string(struct args *args);
/* Ends argv; the strings that follow are the environment's. */
void args_end_vector(struct args *args);
