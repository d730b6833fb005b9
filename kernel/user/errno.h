/* Linux's errno values that the tests expect, open flags and the like: asm-generic. */
#pragma once

enum { ENOENT = 2, E2BIG = 7, ENOEXEC = 8, EBADF = 9, ECHILD = 10, ENOMEM = 12, EACCES = 13 };
enum { EFAULT = 14, EEXIST = 17, ENOTDIR = 20, EISDIR = 21, EINVAL = 22, EMFILE = 24 };
enum { ETXTBSY = 26, EFBIG = 27, ENOSPC = 28, ESPIPE = 29, ENAMETOOLONG = 36, ENOSYS = 38 };
enum { EPERM = 1, ENOTEMPTY = 39, EOVERFLOW = 75 };
enum { O_RDONLY = 0, O_WRONLY = 1, O_RDWR = 2, O_CREAT = 0100, O_EXCL = 0200, O_TRUNC = 01000 };
enum { O_APPEND = 02000, O_DIRECTORY = 040000 };
enum { SEEK_SET = 0, SEEK_CUR = 1, SEEK_END = 2, AT_FDCWD = -100, AT_REMOVEDIR = 0x200 };
enum { P_ALL = 0, P_PID = 1, WNOHANG = 1, WSTOPPED = 2, WEXITED = 4, WNOWAIT = 0x1000000 };
enum { CLD_EXITED = 1, CLD_KILLED = 2 };
enum { SIGILL = 4, SIGTRAP = 5, SIGBUS = 7, SIGKILL = 9, SIGSEGV = 11, SIGCHLD = 17 };
