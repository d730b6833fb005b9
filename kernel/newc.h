/*
 * The "new ASCII" cpio format, newc: Linux, Documentation/driver-api/early-userspace/
 * buffer-format.rst; GNU cpio. Reader of an archive in memory and maker of headers.
 */
#pragma once

#include "types.h"

/* Magic and thirteen fields of eight hex digits. */
#define NEWC_HEADER_SIZE 110
/* Names, like paths, are shorter than 4096 bytes with their NUL (Linux, PATH_MAX). */
#define NEWC_NAME_MAX 4095
/* Names and data begin at multiples of four bytes. */
#define NEWC_ALIGN(offset) (((offset) + 3) & ~3ul)
/* The name of the entry that ends an archive, and its size with the NUL. */
#define NEWC_TRAILER      "TRAILER!!!"
#define NEWC_TRAILER_SIZE 11

struct newc_entry {
    u64 offset; /* where its header stands in the archive */
    const char *name;
    u64 name_length; /* without the NUL */
    const u8 *data;
    u64 size;
    int is_file; /* else it is a folder */
};

/*
 * The entry at *offset (0 first) of an archive of `size` bytes, and moves *offset past it.
 * Returns 1 for an entry; 0 at TRAILER!!!, after which nothing is read; -1 with *error saying what
 * is wrong with the entry at *offset, which stays. Accepted are regular files and folders; a link
 * or a device is an error, since leaving it out in silence would change what the guest sees.
 */
int newc_next(const u8 *archive, u64 size, u64 *offset, struct newc_entry *entry,
              const char **error);

/* Writes the NEWC_HEADER_SIZE bytes that precede a name of `name_size` bytes (NUL counted) and
 * `size` bytes of data. `inode` should differ between files, as readers take equal ones for links.
 */
void newc_header(u8 *header, u32 inode, u32 name_size, u32 size, int is_file);
