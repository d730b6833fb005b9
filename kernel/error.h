/* Errors that system calls return, negated. Values: Linux, include/uapi/asm-generic/errno*.h. */
#pragma once

enum { ENOENT = 2, EIO = 5, E2BIG = 7, ENOEXEC = 8, EBADF = 9, ECHILD = 10, EAGAIN = 11 };
enum { ENOMEM = 12, EACCES = 13, EFAULT = 14, EEXIST = 17, ENOTDIR = 20, EISDIR = 21, EINVAL = 22 };
enum { EMFILE = 24, ETXTBSY = 26, EFBIG = 27, ENOSPC = 28, ESPIPE = 29, ENAMETOOLONG = 36 };
enum { ENOSYS = 38, ENOTEMPTY = 39, EOVERFLOW = 75 };
