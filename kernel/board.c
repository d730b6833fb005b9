#include "board.h"
#include "fdt.h"
#include "text.h"

/* The properties of the node being read; it is judged when its first child or its end comes. */
struct node {
    const char *name;
    struct fdt_item compatible, reg, device_type, method;
};

/* Whether the property's list of strings has this one. */
static int has_string(const struct fdt_item *item, const char *want)
{
    u64 length = text_length(want) + 1, at = 0;
    while (at < item->size && length <= item->size - at) {
        if (text_equal((const char *)item->value + at, want, length))
            return 1;
        while (at < item->size && item->value[at])
            at++;
        at++;
    }
    return 0;
}

/* The n-th (address, size) of a reg property. Returns whether there is one. */
static int reg_range(const struct fdt_item *reg, u32 address_cells, u32 size_cells, u32 n,
                     struct range *range)
{
    u64 entry = 4 * ((u64)address_cells + size_cells);
    if (n >= reg->size / entry)
        return 0;
    const u8 *at = reg->value + n * entry;
    range->start = fdt_number(at, address_cells);
    u64 size = size_cells ? fdt_number(at + 4 * address_cells, size_cells) : 0;
    if (size > ~range->start)
        return 0;
    range->end = range->start + size;
    return 1;
}

static void judge_node(struct board *board, const struct node *node, u32 address_cells,
                       u32 size_cells)
{
    struct range range;
    u32 n;
    if (has_string(&node->device_type, "memory")) {
        for (n = 0; board->memory_count < BOARD_MEMORY_MAX &&
                    reg_range(&node->reg, address_cells, size_cells, n, &range);
             n++)
            board->memory[board->memory_count++] = range;
    } else if (has_string(&node->compatible, "arm,pl011")) {
        if (!board->uart && reg_range(&node->reg, address_cells, size_cells, 0, &range))
            board->uart = range.start;
    } else if (has_string(&node->compatible, "virtio,mmio")) {
        if (board->virtio_count < BOARD_VIRTIO_MAX &&
            reg_range(&node->reg, address_cells, size_cells, 0, &range))
            board->virtio[board->virtio_count++] = range.start;
    } else if (has_string(&node->compatible, "arm,psci-0.2") ||
               has_string(&node->compatible, "arm,psci-1.0")) {
        if (has_string(&node->method, "hvc"))
            board->psci = PSCI_HVC;
        else if (has_string(&node->method, "smc"))
            board->psci = PSCI_SMC;
    }
}

static void chosen_property(struct board *board, const struct fdt_item *item)
{
    u32 cells = item->size == 8 ? 2 : 1;
    if (text_same(item->name, "bootargs")) {
        board->bootargs = (const char *)item->value;
        board->bootargs_size = 0;
        while (board->bootargs_size < item->size && board->bootargs[board->bootargs_size])
            board->bootargs_size++;
    } else if (item->size != 4 && item->size != 8) {
        return;
    } else if (text_same(item->name, "linux,initrd-start")) {
        board->initrd.start = fdt_number(item->value, cells);
    } else if (text_same(item->name, "linux,initrd-end")) {
        board->initrd.end = fdt_number(item->value, cells);
    }
}

static void node_property(struct node *node, const struct fdt_item *item)
{
    if (text_same(item->name, "compatible"))
        node->compatible = *item;
    else if (text_same(item->name, "reg"))
        node->reg = *item;
    else if (text_same(item->name, "device_type"))
        node->device_type = *item;
    else if (text_same(item->name, "method"))
        node->method = *item;
}

const char *board_read(struct board *board, const void *blob, u64 limit)
{
    struct fdt tree;
    const struct board empty = {0};
    const struct node no_node = {0};
    struct node node = {0};
    struct fdt_item item;
    u64 offset = 0;
    u32 depth = 0, address_cells = 2, size_cells = 1; /* defaults: specification, 2.3.5 */
    enum fdt_token token;

    *board = empty;
    if (fdt_open(&tree, blob, limit))
        return "device tree: bad header";
    board->tree_size = fdt_number((const u8 *)blob + 4, 1);
    while ((token = fdt_next(&tree, &offset, &item)) != FDT_END) {
        if (token == FDT_BEGIN_NODE) {
            depth++;
            if (depth == 2) {
                node = no_node;
                node.name = item.name;
            }
        } else if (token == FDT_END_NODE) {
            if (depth == 0)
                return "device tree: nodes do not balance";
            if (depth == 2)
                judge_node(board, &node, address_cells, size_cells);
            depth--;
        } else if (token == FDT_BAD) {
            return "device tree: damaged";
        } else if (depth == 1 && item.size == 4) {
            u32 value = (u32)fdt_number(item.value, 1);
            if (text_same(item.name, "#address-cells"))
                address_cells = value;
            else if (text_same(item.name, "#size-cells"))
                size_cells = value;
            if (address_cells < 1 || address_cells > 2 || size_cells > 2)
                return "device tree: #address-cells or #size-cells of the root";
        } else if (depth == 2 && text_same(node.name, "chosen")) {
            chosen_property(board, &item);
        } else if (depth == 2) {
            node_property(&node, &item);
        }
    }
    if (board->initrd.end < board->initrd.start)
        return "device tree: initrd ends before it starts";
    return NULL;
}
