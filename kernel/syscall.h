/* System calls: numbers, arguments and errors as on Linux, aarch64. */
#pragma once

#include "context.h"

/* Entry from machine.S: does the call of the current process, whose registers `context` are, and
 * returns the registers to go on with, which are another process's after spawn and exit. */
struct context *syscall_dispatch(struct context *context);

/* Linux cuts longer transfers to this: read(2), "NOTES". */
#define TRANSFER_MAX 0x7ffff000ul

/* Linux's arm64 has user addresses of so many bits (CONFIG_ARM64_VA_BITS). */
#define ADDRESS_END (1ul << 48)

/* The calls on files; `x` holds the arguments. */
i64 sys_read(const u64 *x);
i64 sys_write(const u64 *x);
i64 sys_openat(const u64 *x);
i64 sys_close(const u64 *x);
i64 sys_lseek(const u64 *x);
i64 sys_unlinkat(const u64 *x);

/* Tier 3 (abi/syscalls.h). */
i64 sys_getcwd(const u64 *x);
i64 sys_ioctl(const u64 *x);
i64 sys_fchmod(const u64 *x);   /* and fchown */
i64 sys_fchmodat(const u64 *x); /* and utimensat */
i64 sys_readv(const u64 *x);
i64 sys_writev(const u64 *x);
i64 sys_newfstatat(const u64 *x);
i64 sys_fstat(const u64 *x);
i64 sys_clock_gettime(const u64 *x);
i64 sys_rt_sigaction(const u64 *x);
i64 sys_rt_sigprocmask(const u64 *x);
i64 sys_getpid(const u64 *x);
i64 sys_munmap(const u64 *x);
i64 sys_mmap(const u64 *x);
i64 sys_mprotect(const u64 *x);
