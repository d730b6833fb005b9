#include "board.h"
#include "cstring.h"
#include "fdt.h"

/* The properties of the node being read that matter; it is judged when it ends. */
enum { COMPATIBLE, REG, STATUS, DEVICE_TYPE, METHOD, BOOTARGS, STDOUT_PATH, INITRD_START };
enum { INITRD_END = INITRD_START + 1, PROPERTIES };
static const char *const property_names[PROPERTIES] = {
    "compatible",      "reg",      "status",      "device_type",
    "method",          "bootargs", "stdout-path", "linux,initrd-start",
    "linux,initrd-end"};

struct node {
    const char *name;
    struct fdt_item properties[PROPERTIES];
};

/* Whether the property's list of strings has this one. */
static int has_string(const struct fdt_item *item, const char *want) {
    u64 length = cstring_length(want) + 1, at = 0;
    while (at < item->size && length <= item->size - at) {
        if (cstring_equal((const char *)item->value + at, want, length)) return 1;
        at += cstring_span((const char *)item->value + at, item->size - at, 0) + 1;
    }
    return 0;
}

/* The bytes of the property's first string without its NUL. */
static u64 string_size(const struct fdt_item *item) {
    return cstring_span((const char *)item->value, item->size, 0);
}

/* The n-th (address, size) of a reg property. Returns whether there is one. */
static int reg_range(const struct fdt_item *reg, const u32 *cells, u32 n, struct range *range) {
    u64 entry = 4 * ((u64)cells[0] + cells[1]);
    if (n >= reg->size / entry) return 0;
    const u8 *at = reg->value + n * entry;
    range->start = fdt_number(at, cells[0]);
    u64 size = cells[1] ? fdt_number(at + 4 * cells[0], cells[1]) : 0;
    range->end = range->start + size;
    return range->end >= range->start;
}

/* A number of one or two cells, as /chosen has them; 0 for anything else. */
static u64 number(const struct fdt_item *item) {
    return item->size == 4 || item->size == 8 ? fdt_number(item->value, item->size / 4) : 0;
}

/* Whether the node is there for us: specification, 2.3.4. What belongs to the secure world alone is
 * "disabled" here (Linux, Documentation/devicetree/bindings/arm/secure.txt). */
static int is_available(const struct fdt_item *status) {
    return !status->value || has_string(status, "okay") || has_string(status, "ok");
}

static void judge_node(struct board *board, const struct node *node, const u32 *cells) {
    const struct fdt_item *properties = node->properties, *compatible = &properties[COMPATIBLE];
    const struct fdt_item *reg = &properties[REG], *bootargs = &properties[BOOTARGS];
    struct range range;
    u32 n;
    if (cstring_same(node->name, "chosen")) {
        board->bootargs = (const char *)bootargs->value;
        board->bootargs_size = string_size(bootargs);
        board->initrd.start = number(&properties[INITRD_START]);
        board->initrd.end = number(&properties[INITRD_END]);
        board->console = properties[STDOUT_PATH];
    } else if (!is_available(&properties[STATUS])) {
        return;
    } else if (has_string(&properties[DEVICE_TYPE], "memory")) {
        for (n = 0; board->memory_count < BOARD_MEMORY_MAX && reg_range(reg, cells, n, &range); n++)
            board->memory[board->memory_count++] = range;
    } else if (has_string(compatible, "virtio,mmio")) {
        if (board->virtio_count < BOARD_VIRTIO_MAX && reg_range(reg, cells, 0, &range))
            board->virtio[board->virtio_count++] = range.start;
    } else if (has_string(compatible, "arm,pl011")) {
        if (board->uart_count < BOARD_UARTS_MAX && reg_range(reg, cells, 0, &range)) {
            board->uart_names[board->uart_count] = node->name;
            board->uarts[board->uart_count++] = range.start;
        }
    } else if (has_string(compatible, "arm,psci-0.2") || has_string(compatible, "arm,psci-1.0")) {
        board->psci = has_string(&properties[METHOD], "hvc")   ? PSCI_HVC
                      : has_string(&properties[METHOD], "smc") ? PSCI_SMC
                                                               : PSCI_NONE;
    }
}

/* The path that an alias stands for: specification, 3.3. `offset` is that of the aliases. */
static struct fdt_item resolve_alias(const struct fdt *tree, u64 offset, struct fdt_item alias) {
    u64 size = cstring_span((const char *)alias.value, string_size(&alias), ':');
    struct fdt_item item;
    while (offset && fdt_next(tree, &offset, &item) == FDT_PROPERTY)
        if (cstring_length(item.name) == size &&
            cstring_equal(item.name, (char *)alias.value, size))
            return item;
    return alias;
}

/* The PL011 that /chosen names, or else the first. The part from @ on may be left out. */
static void choose_uart(struct board *board, const struct fdt *tree, u64 aliases) {
    struct fdt_item path = resolve_alias(tree, aliases, board->console);
    /* Options may follow it: specification, 3.6. */
    u64 size = cstring_span((const char *)path.value, string_size(&path), ':');
    u32 n, chosen = 0;
    for (n = board->uart_count; n-- > 0;) {
        const char *name = board->uart_names[n];
        if (size > 1 && path.value[0] == '/' && size - 1 <= cstring_length(name) &&
            cstring_equal(name, (const char *)path.value + 1, size - 1) &&
            (!name[size - 1] || name[size - 1] == '@'))
            chosen = n;
    }
    board->uart = board->uarts[chosen];
}

const char *board_read(struct board *board, const void *blob, u64 limit) {
    struct fdt tree;
    struct node node = {0};
    struct fdt_item item;
    u64 offset = 0, aliases = 0;
    u32 depth = 0, cells[2] = {2, 1},
        n; /* of addresses and sizes; defaults: specification, 2.3.5 */
    enum fdt_token token;
    const char *error = NULL;

    *board = (struct board){0};
    if (fdt_open(&tree, blob, limit)) return "device tree: bad header";
    board->tree_size = fdt_number((const u8 *)blob + 4, 1);
    while (!error && (token = fdt_next(&tree, &offset, &item)) != FDT_END) {
        if (token == FDT_BAD || (token == FDT_END_NODE && depth == 0)) {
            error = "device tree: damaged";
        } else if (token == FDT_BEGIN_NODE) {
            if (++depth != 2) continue;
            node = (struct node){.name = item.name};
            if (cstring_same(item.name, "aliases")) aliases = offset;
        } else if (token == FDT_END_NODE) {
            if (depth-- == 2) judge_node(board, &node, cells);
        } else if (depth == 1 && item.size == 4) {
            if (cstring_same(item.name, "#address-cells"))
                cells[0] = (u32)fdt_number(item.value, 1);
            else if (cstring_same(item.name, "#size-cells"))
                cells[1] = (u32)fdt_number(item.value, 1);
            if (cells[0] < 1 || cells[0] > 2 || cells[1] > 2)
                error = "device tree: #address-cells or #size-cells of the root";
        } else if (depth == 2) {
            for (n = 0; n < PROPERTIES && !cstring_same(item.name, property_names[n]); n++)
                continue;
            if (n < PROPERTIES) node.properties[n] = item;
        }
    }
    choose_uart(board, &tree, aliases);
    if (!error && board->initrd.end < board->initrd.start)
        error = "device tree: initrd ends before it starts";
    return error;
}
