/* The system calls, one row each, for the kernel's table and for programs. Numbers are those of
 * Linux on aarch64 (include/uapi/asm-generic/unistd.h); spawn is of this kernel alone. */
#pragma once

/* X(name, number, function of the kernel) */
#define SYSTEM_CALLS(X)           \
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

#define SYSTEM_CALL_NUMBER(name, number, function) SYS_##name = number,
enum { SYSTEM_CALLS(SYSTEM_CALL_NUMBER) };
#undef SYSTEM_CALL_NUMBER
