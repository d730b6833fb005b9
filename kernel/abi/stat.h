/* What is known of a file: Linux, include/uapi/asm-generic/stat.h; stat(2), inode(7). */
#pragma once

struct stat {
    unsigned long device, number;
    unsigned mode, links, owner, group;
    unsigned long kind, unused_1; /* kind: of a device */
    long size;
    int block_size, unused_2;
    long blocks; /* of 512 bytes */
    long times[6];
    unsigned unused_3[2];
};

enum { S_IFCHR = 0020000, S_IFDIR = 0040000, S_IFREG = 0100000, S_IFMT = 0170000 };
enum { AT_SYMLINK_NOFOLLOW = 0x100, AT_NO_AUTOMOUNT = 0x800, AT_EMPTY_PATH = 0x1000 };
enum { AT_STATX_SYNC_TYPE = 0x6000 };
enum { AT_STAT_FLAGS = AT_SYMLINK_NOFOLLOW | AT_NO_AUTOMOUNT | AT_EMPTY_PATH | AT_STATX_SYNC_TYPE };

/* Devices: Linux, Documentation/admin-guide/devices.txt. */
enum { DEVICE_NULL = 1 << 8 | 3, DEVICE_CONSOLE = 5 << 8 | 1, STAT_BLOCK = 512 };
