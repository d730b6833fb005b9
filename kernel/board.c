#include "board.h"
#include "fdt.h"
#include "text.h"

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

/* What is known of the console before all nodes have been read: each PL011 that could be it, and
 * where the tree says which. */
struct console {
    struct {
        const char *name;
        paddr start;
    } uarts[BOARD_UARTS_MAX];
    u32 uart_count;
    struct fdt_item path; /* /chosen's stdout-path */
    u64 aliases;          /* offset of the properties of /aliases; 0 if there is none */
};

/* Whether the property's list of strings has this one. */
static int has_string(const struct fdt_item *item, const char *want) {
    u64 length = text_length(want) + 1, at = 0;
    while (at < item->size && length <= item->size - at) {
        if (text_equal((const char *)item->value + at, want, length)) return 1;
        while (at < item->size && item->value[at])
            at++;
        at++;
    }
    return 0;
}

/* The bytes of the property's first string without its NUL. */
static u64 string_size(const struct fdt_item *item) {
    u64 size = 0;
    while (size < item->size && item->value[size])
        size++;
    return size;
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

static void judge_node(struct board *board, struct console *console, const struct node *node,
                       const u32 *cells) {
    const struct fdt_item *properties = node->properties, *compatible = &properties[COMPATIBLE];
    const struct fdt_item *reg = &properties[REG], *bootargs = &properties[BOOTARGS];
    struct range range;
    u32 n;
    if (text_same(node->name, "chosen")) {
        board->bootargs = (const char *)bootargs->value;
        board->bootargs_size = string_size(bootargs);
        board->initrd.start = number(&properties[INITRD_START]);
        board->initrd.end = number(&properties[INITRD_END]);
        console->path = properties[STDOUT_PATH];
    } else if (!is_available(&properties[STATUS])) {
        return;
    } else if (has_string(&properties[DEVICE_TYPE], "memory")) {
        for (n = 0; board->memory_count < BOARD_MEMORY_MAX && reg_range(reg, cells, n, &range); n++)
            board->memory[board->memory_count++] = range;
    } else if (has_string(compatible, "virtio,mmio")) {
        if (board->virtio_count < BOARD_VIRTIO_MAX && reg_range(reg, cells, 0, &range))
            board->virtio[board->virtio_count++] = range.start;
    } else if (has_string(compatible, "arm,pl011")) {
        if (console->uart_count < BOARD_UARTS_MAX && reg_range(reg, cells, 0, &range)) {
            console->uarts[console->uart_count].name = node->name;
            console->uarts[console->uart_count++].start = range.start;
        }
    } else if (has_string(compatible, "arm,psci-0.2") || has_string(compatible, "arm,psci-1.0")) {
        board->psci = has_string(&properties[METHOD], "hvc")   ? PSCI_HVC
                      : has_string(&properties[METHOD], "smc") ? PSCI_SMC
                                                               : PSCI_NONE;
    }
}

/* The bytes of the path before the options that may follow it: specification, 3.6. */
static u64 path_size(const struct fdt_item *path) {
    u64 size = 0, end = string_size(path);
    while (size < end && path->value[size] != ':')
        size++;
    return size;
}

/* Puts the path that an alias stands for in its place: specification, 3.3. */
static void resolve_alias(const struct fdt *tree, struct console *console) {
    u64 size = path_size(&console->path), offset = console->aliases;
    struct fdt_item item;
    if (size == 0 || console->path.value[0] == '/' || !offset) return;
    while (fdt_next(tree, &offset, &item) == FDT_PROPERTY) {
        if (text_length(item.name) == size &&
            text_equal(item.name, (const char *)console->path.value, size)) {
            console->path = item;
            return;
        }
    }
}

/* Whether the path names this child of the root; the part from @ on may be left out. */
static int is_path_of(const struct fdt_item *path, const char *name) {
    u64 size = path_size(path);
    const char *text = (const char *)path->value;
    return size > 1 && text[0] == '/' && size - 1 <= text_length(name) &&
           text_equal(name, text + 1, size - 1) && (!name[size - 1] || name[size - 1] == '@');
}

/* The PL011 that /chosen names, or else the first. */
static void choose_uart(struct board *board, const struct fdt *tree, struct console *console) {
    u32 n = 0;
    resolve_alias(tree, console);
    while (n < console->uart_count && !is_path_of(&console->path, console->uarts[n].name))
        n++;
    if (console->uart_count > 0) board->uart = console->uarts[n % console->uart_count].start;
}

/* The part of board_read that reads the nodes. */
static const char *read_nodes(struct board *board, struct console *console,
                              const struct fdt *tree) {
    const struct node no_node = {NULL, {{0}}};
    struct node node = no_node;
    struct fdt_item item;
    u64 offset = 0;
    u32 depth = 0, cells[2] = {2, 1},
        n; /* of addresses and sizes; defaults: specification, 2.3.5 */
    enum fdt_token token;

    while ((token = fdt_next(tree, &offset, &item)) != FDT_END) {
        if (token == FDT_BAD || (token == FDT_END_NODE && depth == 0))
            return "device tree: damaged";
        if (token == FDT_BEGIN_NODE) {
            if (++depth != 2) continue;
            node = no_node;
            node.name = item.name;
            if (text_same(item.name, "aliases")) console->aliases = offset;
        } else if (token == FDT_END_NODE) {
            if (depth-- == 2) judge_node(board, console, &node, cells);
        } else if (depth == 1 && item.size == 4) {
            if (text_same(item.name, "#address-cells"))
                cells[0] = (u32)fdt_number(item.value, 1);
            else if (text_same(item.name, "#size-cells"))
                cells[1] = (u32)fdt_number(item.value, 1);
            if (cells[0] < 1 || cells[0] > 2 || cells[1] > 2)
                return "device tree: #address-cells or #size-cells of the root";
        } else if (depth == 2) {
            for (n = 0; n < PROPERTIES; n++)
                if (text_same(item.name, property_names[n])) node.properties[n] = item;
        }
    }
    return board->initrd.end < board->initrd.start ? "device tree: initrd ends before it starts"
                                                   : NULL;
}

const char *board_read(struct board *board, const void *blob, u64 limit) {
    const struct board empty = {0};
    struct console console = {0};
    struct fdt tree;
    *board = empty;
    if (fdt_open(&tree, blob, limit)) return "device tree: bad header";
    board->tree_size = fdt_number((const u8 *)blob + 4, 1);
    const char *error = read_nodes(board, &console, &tree);
    choose_uart(board, &tree, &console);
    return error;
}
