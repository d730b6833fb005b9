/* The newc reader on arbitrary bytes: every entry lies inside the archive, and it comes to an end.
 * Entries that are read are written again and must read the same. */
#include "newc.h"

#include <stdint.h>
#include <stdlib.h>
#include <string.h>

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size);

static void inside(const void *at, u64 count, const uint8_t *data, size_t size) {
    u64 offset = (u64)((const uint8_t *)at - data);
    if (!(count <= size && offset <= size - count)) abort();
}

static void check_header(const struct newc_entry *entry) {
    static u8 archive[NEWC_HEADER_SIZE + NEWC_NAME_MAX + 8];
    struct newc_entry again;
    const char *error;
    u64 offset = 0, end = NEWC_ALIGN(NEWC_HEADER_SIZE + entry->name_length + 1);
    newc_header(archive, 1, (u32)entry->name_length + 1, 0, 1);
    memcpy(archive + NEWC_HEADER_SIZE, entry->name, entry->name_length + 1);
    if (newc_next(archive, end, &offset, &again, &error) != 1 || offset != end || !again.is_file ||
        again.size != 0 || strcmp(again.name, entry->name))
        abort();
}

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size) {
    struct newc_entry entry;
    const char *error;
    u64 offset = 0, before = 0;
    int more;
    while ((more = newc_next(data, size, &offset, &entry, &error)) > 0) {
        if (offset <= before || entry.offset != before) abort();
        before = offset;
        inside(entry.name, entry.name_length + 1, data, size);
        inside(entry.data, entry.size, data, size);
        check_header(&entry);
    }
    if ((more < 0) != (error != NULL)) abort();
    return 0;
}
