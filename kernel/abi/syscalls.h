/* The system calls, one row each, for the kernel's table and for programs. Numbers are those of
 * Linux on aarch64 (include/uapi/asm-generic/unistd.h); spawn is of this kernel alone. */
#pragma once

/* X(name, number, function of the kernel): all that the chain needs. */
#define CHAIN_CALLS(X)            \
    X(UNLINKAT, 35, sys_unlinkat) \
    X(OPENAT, 56, sys_openat)     \
    X(CLOSE, 57, sys_close)       \
    X(LSEEK, 62, sys_lseek)       \
    X(READ, 63, sys_read)         \
    X(WRITE, 64, sys_write)       \
    X(EXIT, 93, sys_exit)         \
    X(EXIT_GROUP, 94, sys_exit)   \
    X(WAITID, 95, sys_waitid)     \
    X(BRK, 214, sys_brk)          \
    X(SPAWN, 1024, sys_spawn)

/* Tier 3: what static programs with a C library ask for beyond them, to start, print, allocate and
 * read the time. */
#define TIER3_CALLS(X)                         \
    X(GETCWD, 17, sys_getcwd)                  \
    X(IOCTL, 29, sys_ioctl)                    \
    X(FCHMOD, 52, sys_fchmod)                  \
    X(FCHMODAT, 53, sys_fchmodat)              \
    X(FCHOWN, 55, sys_fchmod)                  \
    X(READV, 65, sys_readv)                    \
    X(WRITEV, 66, sys_writev)                  \
    X(NEWFSTATAT, 79, sys_newfstatat)          \
    X(FSTAT, 80, sys_fstat)                    \
    X(UTIMENSAT, 88, sys_fchmodat)             \
    X(SET_TID_ADDRESS, 96, sys_getpid)         \
    X(CLOCK_GETTIME, 113, sys_clock_gettime)   \
    X(RT_SIGACTION, 134, sys_rt_sigaction)     \
    X(RT_SIGPROCMASK, 135, sys_rt_sigprocmask) \
    X(GETPID, 172, sys_getpid)                 \
    X(MUNMAP, 215, sys_munmap)                 \
    X(MMAP, 222, sys_mmap)                     \
    X(MPROTECT, 226, sys_mprotect)

#define SYSTEM_CALLS(X) CHAIN_CALLS(X) TIER3_CALLS(X)

#define SYSTEM_CALL_NUMBER(name, number, function) SYS_##name = number,
enum { SYSTEM_CALLS(SYSTEM_CALL_NUMBER) };
#undef SYSTEM_CALL_NUMBER
