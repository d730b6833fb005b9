/* Flags of calls on files: Linux, include/uapi/asm-generic/fcntl.h,
 * arch/arm64/include/uapi/asm/fcntl.h, include/uapi/linux/fcntl.h; lseek(2). */
#pragma once

enum { O_RDONLY = 0, O_WRONLY = 1, O_RDWR = 2, O_ACCMODE = 3 };
enum { O_CREAT = 0100, O_EXCL = 0200, O_TRUNC = 01000, O_APPEND = 02000, O_DIRECTORY = 040000 };
enum { O_DIRECT = 0200000, O_PATH = 010000000, O_TMPFILE = 020000000 /* Linux's __O_TMPFILE */ };
enum { SEEK_SET = 0, SEEK_CUR = 1, SEEK_END = 2, SEEK_DATA = 3, SEEK_HOLE = 4 };
enum { AT_FDCWD = -100, AT_REMOVEDIR = 0x200 };
