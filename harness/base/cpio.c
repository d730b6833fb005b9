#include "base/cpio.h"
#include "base/error.h"
#include "base/fdio.h"
#include <string.h>
#include <sys/stat.h>

/* The header: the magic and 13 fields of 8 hex digits. */
#define MAGIC       "070701"
#define MAGIC_SIZE  6
#define FIELD_SIZE  8
#define HEADER_SIZE 110

enum { FIELD_MODE = 1, FIELD_FILESIZE = 6, FIELD_NAMESIZE = 11 };

static gsize padding(gsize size) { return -size & 3; }

static gboolean write_entry(CpioWriter *writer, const CpioEntry *entry, GError **error) {
    static const char zeros[4] = "";
    gsize name_size = strlen(entry->name) + 1;
    g_autoptr(GString) head = g_string_new(MAGIC);
    const guint32 fields[CPIO_FIELDS] = {
        writer->inode, entry->mode,        0, 0, 1, 0, (guint32)entry->size, 0, 0, entry->major,
        entry->minor,  (guint32)name_size, 0};
    for (guint i = 0; i < G_N_ELEMENTS(fields); i++)
        g_string_append_printf(head, "%08x", fields[i]);
    g_string_append_len(head, entry->name, (gssize)name_size);
    g_string_append_len(head, zeros, (gssize)padding(head->len));
    return fdio_write(writer->fd, head->str, head->len, error) &&
           fdio_write(writer->fd, entry->data, entry->size, error) &&
           fdio_write(writer->fd, zeros, padding(entry->size), error);
}

gboolean cpio_write(CpioWriter *writer, const CpioEntry *entry, GError **error) {
    if (entry->size > G_MAXUINT32) {
        g_set_error(error, HARNESS_ERROR, HARNESS_ERROR_IO,
                    "%s has %" G_GSIZE_FORMAT " bytes; a newc archive holds files below 4 GiB",
                    entry->name, entry->size);
        return FALSE;
    }
    writer->inode++;
    return write_entry(writer, entry, error);
}

gboolean cpio_write_trailer(CpioWriter *writer, GError **error) {
    writer->inode = 0;
    return write_entry(writer, &(CpioEntry){CPIO_TRAILER}, error);
}

static gboolean broken(const CpioReader *reader, const char *what, GError **error) {
    g_set_error(error, HARNESS_ERROR, HARNESS_ERROR_PROTOCOL,
                "invalid archive at offset %" G_GSIZE_FORMAT " of %" G_GSIZE_FORMAT ": %s",
                reader->at, reader->length, what);
    return FALSE;
}

static gboolean header_field(const guint8 *header, guint index, guint32 *ret) {
    const guint8 *digits = header + MAGIC_SIZE + index * FIELD_SIZE;
    guint32 value = 0;
    for (guint i = 0; i < FIELD_SIZE; i++) {
        int digit = g_ascii_xdigit_value((char)digits[i]);
        if (digit < 0) return FALSE;
        value = value << 4 | (guint32)digit;
    }
    *ret = value;
    return TRUE;
}

gboolean cpio_read(CpioReader *reader, CpioEntry *ret_entry, GError **error) {
    gsize left = reader->length - reader->at;
    const guint8 *header = reader->data + reader->at;
    guint32 mode, size, name_size;
    if (left < HEADER_SIZE) return broken(reader, "it ends before its trailer", error);
    if (memcmp(header, MAGIC, MAGIC_SIZE) != 0)
        return broken(reader, "expected a newc header (070701)", error);
    if (!header_field(header, FIELD_MODE, &mode) || !header_field(header, FIELD_FILESIZE, &size) ||
        !header_field(header, FIELD_NAMESIZE, &name_size))
        return broken(reader, "a header field is not hexadecimal", error);
    gsize head = HEADER_SIZE + (gsize)name_size;
    head += padding(head);
    if (name_size == 0 || head > left || header[HEADER_SIZE + name_size - 1] != '\0' ||
        strlen((const char *)header + HEADER_SIZE) != name_size - 1)
        return broken(reader, "the name does not have the length in its header", error);
    if (size > left - head)
        return broken(reader, "the file extends past the end of the archive", error);
    gsize body = size + MIN(padding(size), left - head - size);
    *ret_entry = (CpioEntry){.name = (const char *)header + HEADER_SIZE,
                             .mode = mode,
                             .data = header + head,
                             .size = size,
                             .header = header};
    reader->at += head + body;
    /* The entry that ends an archive has no type. A guest may give a file that name. */
    return strcmp(ret_entry->name, CPIO_TRAILER) != 0 || S_ISREG(mode);
}

gboolean cpio_field(const CpioEntry *entry, guint index, guint32 *ret) {
    return header_field(entry->header, index, ret);
}
