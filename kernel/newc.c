#include "newc.h"
#include "cstring.h"

enum { FIELD_INODE = 0, FIELD_MODE = 1, FIELD_NLINK = 4, FIELD_FILESIZE = 6 };
enum { FIELD_NAMESIZE = 11, FIELD_COUNT = 13, MAGIC_SIZE = 6 };

/* st_mode's type bits: inode(7). */
enum { TYPE_MASK = 0170000, TYPE_FILE = 0100000, TYPE_FOLDER = 0040000 };

/* The number in eight hex digits, or -1. */
static i64 field_value(const u8 *digits) {
    i64 value = 0;
    u32 i;
    for (i = 0; i < 8; i++) {
        u8 digit = digits[i], lower = digit | 0x20;
        if (digit >= '0' && digit <= '9')
            value = value << 4 | (digit - '0');
        else if (lower >= 'a' && lower <= 'f')
            value = value << 4 | (lower - 'a' + 10);
        else
            return -1;
    }
    return value;
}

static const char *read_entry(const u8 *archive, u64 size, u64 *next, struct newc_entry *entry) {
    i64 fields[FIELD_COUNT];
    u64 offset = *next, i;

    if (offset > size || NEWC_HEADER_SIZE > size - offset)
        return "initramfs: header is cut short, or TRAILER!!! is missing, in the entry";
    const u8 *header = archive + offset;
    if (!cstring_equal((const char *)header, "070701", MAGIC_SIZE) &&
        !cstring_equal((const char *)header, "070702", MAGIC_SIZE))
        return "initramfs: bad magic, in the entry";
    for (i = 0; i < FIELD_COUNT; i++) {
        fields[i] = field_value(header + MAGIC_SIZE + 8 * i);
        if (fields[i] < 0) return "initramfs: a header field is not hex, in the entry";
    }
    u64 name_size = fields[FIELD_NAMESIZE], data_size = fields[FIELD_FILESIZE];
    if (name_size == 0 || name_size > NEWC_NAME_MAX + 1)
        return "initramfs: absurd name size, in the entry";
    offset += NEWC_HEADER_SIZE;
    if (name_size > size - offset) return "initramfs: name is cut short, in the entry";
    entry->name = (const char *)archive + offset;
    if (entry->name[name_size - 1] != 0) return "initramfs: name does not end in NUL, in the entry";
    entry->name_length = cstring_length(entry->name);
    offset = NEWC_ALIGN(offset + name_size);
    if (offset > size || data_size > size - offset)
        return "initramfs: data is cut short, or absurd size, in the entry";
    entry->data = archive + offset;
    entry->size = data_size;
    u64 type = fields[FIELD_MODE] & TYPE_MASK;
    entry->is_file = type == TYPE_FILE;
    if (cstring_same(entry->name, NEWC_TRAILER)) return NULL;
    if (type != TYPE_FILE && type != TYPE_FOLDER)
        return "initramfs: neither a regular file nor a folder, in the entry";
    if (type == TYPE_FILE && fields[FIELD_NLINK] > 1) return "initramfs: hard link, in the entry";
    *next = NEWC_ALIGN(offset + data_size);
    return NULL;
}

int newc_next(const u8 *archive, u64 size, u64 *offset, struct newc_entry *entry,
              const char **error) {
    entry->offset = *offset;
    *error = read_entry(archive, size, offset, entry);
    if (*error) return -1;
    return *offset != entry->offset;
}

void newc_header(u8 *header, u32 inode, u32 name_size, u32 size, int is_file) {
    u32 fields[FIELD_COUNT] = {0}, i, digit;
    fields[FIELD_INODE] = inode;
    fields[FIELD_MODE] = is_file ? TYPE_FILE | 0644 : 0;
    fields[FIELD_NLINK] = 1;
    fields[FIELD_FILESIZE] = size;
    fields[FIELD_NAMESIZE] = name_size;
    for (i = 0; i < MAGIC_SIZE; i++)
        header[i] = (u8) "070701"[i];
    for (i = 0; i < FIELD_COUNT; i++)
        for (digit = 0; digit < 8; digit++)
            header[MAGIC_SIZE + 8 * i + digit] =
                (u8) "0123456789abcdef"[fields[i] >> (28 - 4 * digit) & 15];
}
