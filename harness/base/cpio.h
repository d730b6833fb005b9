/*
 * cpio archives in the newc format (Linux: Documentation/driver-api/early-userspace/
 * buffer-format.rst), which carries files into a guest and, by disk, out of it. Archives are
 * deterministic: inode numbers count from 1, every time and owner is 0.
 */
#pragma once
#include <glib.h>

/* The name of the entry that ends an archive (Linux, early-userspace/buffer-format). In output
 * archives an entry with this name and a file type is a file; those that unpack inputs look only at
 * the name. */
#define CPIO_TRAILER "TRAILER!!!"

typedef struct {
    const char *name;   /* without leading slash */
    guint32 mode;       /* type and permissions, as of stat(2) */
    const guint8 *data; /* of a link its target */
    gsize size;
    guint32 major, minor; /* of a device node; not read */
    const guint8 *header; /* as read: its CPIO_FIELDS fields, for cpio_field */
} CpioEntry;

/* Appends files to an open file descriptor; after an error the archive is unusable. */
typedef struct {
    int fd;
    guint32 inode;
} CpioWriter;

/* Sizes of 4 GiB and more do not fit the format: an error. */
gboolean cpio_write(CpioWriter *writer, const CpioEntry *entry, GError **error);
gboolean cpio_write_trailer(CpioWriter *writer, GError **error);

/* The fields of a header behind its magic, in their order: ino, mode, uid, gid, nlink, mtime,
 * filesize, devmajor, devminor, rdevmajor, rdevminor, namesize, check. */
#define CPIO_FIELDS 13

/* Reads `length` bytes at `data`; set `at` = 0 to begin. */
typedef struct {
    const guint8 *data;
    gsize length;
    gsize at;
} CpioReader;

/* The next entry, whose name and data lie within the archive. FALSE at the trailer (no *error) and
 * for an invalid archive (*error, with the offset). */
gboolean cpio_read(CpioReader *reader, CpioEntry *ret_entry, GError **error);

/* Field `index` of the entry's header; FALSE if it is not hexadecimal. */
gboolean cpio_field(const CpioEntry *entry, guint index, guint32 *ret);
