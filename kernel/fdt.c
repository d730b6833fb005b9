#include "fdt.h"
#include "cstring.h"

enum { MAGIC = 0xd00dfeed, VERSION = 17, HEADER_SIZE = 40 };

static u32 cell(const u8 *at) {
    return (u32)at[0] << 24 | (u32)at[1] << 16 | (u32)at[2] << 8 | at[3];
}

u64 fdt_number(const u8 *cells, u32 count) {
    u64 high = count == 2 ? (u64)cell(cells) << 32 : 0;
    return high | cell(cells + 4 * (count - 1));
}

int fdt_open(struct fdt *tree, const void *blob, u64 limit) {
    const u8 *head = blob;
    if (limit < HEADER_SIZE || cell(head) != MAGIC) return -1;
    u64 total = cell(head + 4), structure = cell(head + 8), strings = cell(head + 12);
    tree->strings_size = cell(head + 32);
    tree->structure_size = cell(head + 36);
    if (cell(head + 20) < VERSION || cell(head + 24) > VERSION || total > limit || structure % 4)
        return -1;
    if (tree->structure_size > total || structure > total - tree->structure_size ||
        tree->strings_size > total || strings > total - tree->strings_size)
        return -1;
    tree->structure = head + structure;
    tree->strings = (const char *)head + strings;
    return 0;
}

static enum fdt_token node(const struct fdt *tree, u64 *offset, struct fdt_item *item) {
    u64 room = tree->structure_size - *offset;
    item->name = (const char *)tree->structure + *offset;
    u64 length = cstring_span(item->name, room, 0);
    if (length == room) return FDT_BAD;
    *offset += (length + 1 + 3) & ~3ul;
    return FDT_BEGIN_NODE;
}

static enum fdt_token property(const struct fdt *tree, u64 *offset, struct fdt_item *item) {
    u64 room = tree->structure_size - *offset;
    if (room < 8) return FDT_BAD;
    const u8 *at = tree->structure + *offset;
    u64 name = cell(at + 4);
    item->size = cell(at);
    item->value = at + 8;
    if (item->size > room - 8 || name >= tree->strings_size) return FDT_BAD;
    item->name = tree->strings + name;
    u64 rest = tree->strings_size - name;
    if (cstring_span(item->name, rest, 0) == rest) return FDT_BAD;
    *offset += 8 + (((u64)item->size + 3) & ~3ul);
    return FDT_PROPERTY;
}

enum fdt_token fdt_next(const struct fdt *tree, u64 *offset, struct fdt_item *item) {
    enum { BEGIN_NODE = 1, END_NODE = 2, PROPERTY = 3, NOP = 4, END = 9 };
    /* Padding may have moved *offset past a structure block that ends unpadded. */
    while (*offset <= tree->structure_size && tree->structure_size - *offset >= 4) {
        u32 token = cell(tree->structure + *offset);
        *offset += 4;
        switch (token) {
        case BEGIN_NODE: return node(tree, offset, item);
        case END_NODE: return FDT_END_NODE;
        case PROPERTY: return property(tree, offset, item);
        case NOP: break;
        case END: return FDT_END;
        default: return FDT_BAD;
        }
    }
    return FDT_BAD;
}
