/*
 * Reader of flattened device trees (Devicetree Specification 0.4, chapter 5). Takes a pointer and a
 * length and touches nothing else.
 */
#pragma once

#include "types.h"

struct fdt {
    const u8 *structure;
    u64 structure_size;
    const char *strings;
    u64 strings_size;
};

enum fdt_token { FDT_BEGIN_NODE, FDT_END_NODE, FDT_PROPERTY, FDT_END, FDT_BAD };

/* One token. `name` is NUL-terminated; `value` has `size` bytes inside the tree. */
struct fdt_item {
    const char *name;
    const u8 *value;
    u32 size;
};

/* Reads the header of the tree at `blob`, which has at most `limit` bytes; keeps pointers into it.
 * Returns 0, or -1 if it is not a device tree of version 17 that fits. */
int fdt_open(struct fdt *tree, const void *blob, u64 limit);

/* The token at *offset (0 first) and moves *offset past it. FDT_BAD when the tree is damaged. */
enum fdt_token fdt_next(const struct fdt *tree, u64 *offset, struct fdt_item *item);

/* A big-endian number of one or two 32-bit cells. */
u64 fdt_number(const u8 *cells, u32 count);
