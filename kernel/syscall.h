/* System calls: numbers, arguments and errors as on Linux, aarch64. */
#pragma once

#include "context.h"

/* Entry from machine.S: does the call of the current process, whose registers `context` are, and
 * returns the registers to go on with, which are another process's after spawn and exit. */
struct context *syscall_dispatch(struct context *context);

/* The calls on files; `x` holds the arguments. */
i64 sys_read(const u64 *x);
i64 sys_write(const u64 *x);
i64 sys_openat(const u64 *x);
i64 sys_close(const u64 *x);
i64 sys_lseek(const u64 *x);
i64 sys_unlinkat(const u64 *x);
