/* Errors that system calls return, negated. Values: Linux, include/uapi/asm-generic/errno*.h. */
#pragma once

enum { ENOENT = 2, E2BIG = 7, ENOEXEC = 8, EBADF = 9, ECHILD = 10, EAGAIN = 11, ENOMEM = 12 };
enum { EACCES = 13, EFAULT = 14, EEXIST = 17, ENOTDIR = 20, EISDIR = 21, EINVAL = 22, EMFILE = 24 };
enum { ETXTBSY = 26, EFBIG = 27, ENOSPC = 28, ESPIPE = 29, ENAMETOOLONG = 36, ENOSYS = 38 };
enum { ENOTEMPTY = 39, EOVERFLOW = 75 };
