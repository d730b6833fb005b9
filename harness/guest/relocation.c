#define _GNU_SOURCE /* memmem */
#include "guest/relocation.h"
#include <gelf.h>
#include <string.h>

typedef struct {
    guint64 address;
    const guint8 *code;
    gsize length;
    guint64 offset;
    gboolean is_found, is_ambiguous;
} Search;

static void search_segment(Search *search, const guint8 *data, gsize size, guint64 base) {
    const guint8 *at = data;
    while ((at = memmem(at, size - (gsize)(at - data), search->code, search->length))) {
        guint64 offset = search->address - (base + (guint64)(at - data));
        at++;
        if (offset % RELOCATION_ALIGN != 0) continue;
        search->is_ambiguous |= search->is_found && offset != search->offset;
        search->is_found = TRUE;
        search->offset = offset;
    }
}

/* Whether the image has the bytes where they are. */
static gboolean is_at_home(const Search *search, const guint8 *data, gsize size, guint64 base) {
    return search->address >= base && search->address - base <= size &&
           size - (search->address - base) >= search->length &&
           memcmp(data + (search->address - base), search->code, search->length) == 0;
}

gboolean relocation_find(GBytes *elf, guint64 address, const guint8 *code, gsize length,
                         guint64 *ret_offset) {
    gsize size, count;
    const guint8 *data = g_bytes_get_data(elf, &size);
    Search search = {.address = address, .code = code, .length = length};
    if (length < RELOCATION_CODE_MIN || elf_version(EV_CURRENT) == EV_NONE) return FALSE;
    /* libelf does not write to an image that it only reads. */
    Elf *image = elf_memory((char *)data, size);
    if (!image || elf_getphdrnum(image, &count) != 0) count = 0;
    for (gsize i = 0; i < count; i++) {
        GElf_Phdr segment;
        if (!gelf_getphdr(image, (int)i, &segment) || segment.p_type != PT_LOAD ||
            !(segment.p_flags & PF_X) || segment.p_offset > size)
            continue;
        const guint8 *begin = data + segment.p_offset;
        gsize bytes = MIN(segment.p_filesz, size - segment.p_offset);
        if (is_at_home(&search, begin, bytes, segment.p_vaddr)) {
            search = (Search){.is_found = TRUE};
            break;
        }
        search_segment(&search, begin, bytes, segment.p_vaddr);
    }
    if (image) elf_end(image);
    *ret_offset = search.offset;
    return search.is_found && !search.is_ambiguous;
}
