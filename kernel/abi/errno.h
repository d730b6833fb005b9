/* Errors that system calls return, negated: Linux, include/uapi/asm-generic/errno-base.h, errno.h.
 */
#pragma once

enum { EPERM = 1, ENOENT = 2, EIO = 5, ENXIO = 6, E2BIG = 7, ENOEXEC = 8, EBADF = 9, ECHILD = 10 };
enum { EAGAIN = 11, ENOMEM = 12, EACCES = 13, EFAULT = 14, EBUSY = 16, EEXIST = 17 };
enum { ENODEV = 19, ENOTDIR = 20, EISDIR = 21, EINVAL = 22, EMFILE = 24, ENOTTY = 25 };
enum { ETXTBSY = 26, EFBIG = 27, ENOSPC = 28, ESPIPE = 29, ERANGE = 34, ENAMETOOLONG = 36 };
enum { ENOSYS = 38, ENOTEMPTY = 39, EOVERFLOW = 75 };
