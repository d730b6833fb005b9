/* Errors that system calls return, negated: Linux, include/uapi/asm-generic/errno-base.h, errno.h.
 */
#pragma once

enum { EPERM = 1, ENOENT = 2, EIO = 5, ENXIO = 6, E2BIG = 7, ENOEXEC = 8, EBADF = 9, ECHILD = 10 };
enum { EAGAIN = 11, ENOMEM = 12, EACCES = 13, EFAULT = 14, EBUSY = 16, EEXIST = 17 };
enum { ENOTDIR = 20, EISDIR = 21, EINVAL = 22, EMFILE = 24, ETXTBSY = 26, EFBIG = 27 };
enum { ENOSPC = 28, ESPIPE = 29, ENAMETOOLONG = 36, ENOSYS = 38, ENOTEMPTY = 39, EOVERFLOW = 75 };
