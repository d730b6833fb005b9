/*
 * The calls and structures of Linux (aarch64) that this init uses, and no C library. Numbers:
 * include/uapi/asm-generic/unistd.h; structures and flags as named beside each.
 */
#pragma once
#include "lib.h"
#include "types.h"

enum {
    SYS_DUP3 = 24,
    SYS_FCNTL = 25,
    SYS_IOCTL = 29,
    SYS_MKDIRAT = 34,
    SYS_RENAMEAT = 38,
    SYS_UMOUNT2 = 39,
    SYS_MOUNT = 40,
    SYS_PIPE2 = 59,
    SYS_GETDENTS64 = 61,
    SYS_PPOLL = 73,
    SYS_FSTAT = 80,
    SYS_FSYNC = 82,
    SYS_CAPSET = 91,
    SYS_PTRACE = 117,
    SYS_KILL = 129,
    SYS_RT_SIGPROCMASK = 135,
    SYS_RT_SIGTIMEDWAIT = 137,
    SYS_REBOOT = 142,
    SYS_PRCTL = 167,
    SYS_GETPID = 172,
    SYS_SYSINFO = 179,
    SYS_CLONE = 220,
    SYS_EXECVE = 221,
    SYS_WAIT4 = 260,
    SYS_PROCESS_VM_READV = 270,
    SYS_FINIT_MODULE = 273,
};

/* errno-base.h */
enum { EINTR = 4, EAGAIN = 11 };

/* fcntl.h of asm-generic, with arm64's O_DIRECTORY */
enum {
    AT_FDCWD = -100,
    AT_REMOVEDIR = 0x200,
    MNT_DETACH = 2, /* linux/fs.h */
    O_RDONLY = 0,
    O_WRONLY = 1,
    O_NONBLOCK = 04000,
    O_DIRECTORY = 040000,
    O_CLOEXEC = 02000000,
    O_ASYNC = 020000,
    F_SETFL = 4,
    F_SETOWN = 8,
};

/* signal.h, wait.h */
enum {
    SIGILL = 4,
    SIGTRAP = 5,
    SIGBUS = 7,
    SIGFPE = 8,
    SIGKILL = 9,
    SIGSEGV = 11,
    SIGCHLD = 17,
    SIGSTOP = 19,
    SIGIO = 29,
    WNOHANG = 1,
    WALL = 0x40000000,
};

/* ptrace.h */
enum {
    PTRACE_TRACEME = 0,
    PTRACE_CONT = 7,
    PTRACE_SETOPTIONS = 0x4200,
    PTRACE_GETEVENTMSG = 0x4201,
    PTRACE_GETSIGINFO = 0x4202,
    PTRACE_GETREGSET = 0x4204,
    PTRACE_O_TRACEFORK = 2,
    PTRACE_O_TRACEVFORK = 4,
    PTRACE_O_TRACECLONE = 8,
    PTRACE_O_TRACEEXEC = 0x10,
    PTRACE_EVENT_FORK = 1,
    PTRACE_EVENT_CLONE = 3,
    PTRACE_EVENT_EXEC = 4,
    NT_PRSTATUS = 1,
    AT_EXECFN = 31, /* auxvec.h */
};

struct iovec {
    void *base;
    u64 size;
};

/* asm/ptrace.h: struct user_pt_regs */
struct registers {
    u64 x[31], sp, pc, pstate;
};

/* asm-generic/stat.h: the two fields that are used */
struct file_status {
    u8 head[16];
    u32 mode;
    u32 more[7];
    u64 size;
    u8 rest[72];
};
_Static_assert(sizeof(struct file_status) == 128, "struct stat of asm-generic");

/* dirent.h: struct linux_dirent64 */
struct entry {
    u64 inode, offset;
    unsigned short size;
    u8 type;
    char name[];
};
