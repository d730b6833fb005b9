/*
 * What the kernel wants to know of the board, from its device tree: nodes that are children of the
 * root, as on QEMU's virt, so that no address translation between buses is needed.
 */
#pragma once

#include "fdt.h"

/* QEMU's virt has at most two memory nodes without NUMA; a node may list several ranges. */
#define BOARD_MEMORY_MAX 8
/* virt has 32 virtio-mmio transports (hw/arm/virt.c, NUM_VIRTIO_TRANSPORTS). */
#define BOARD_VIRTIO_MAX 32
/* virt has two PL011: VIRT_UART and, of the secure world, VIRT_SECURE_UART. */
#define BOARD_UARTS_MAX 8

/* Half-open: [start, end). */
struct range {
    paddr start, end;
};

enum psci_conduit { PSCI_NONE, PSCI_HVC, PSCI_SMC };

struct board {
    struct range memory[BOARD_MEMORY_MAX];
    u32 memory_count;
    struct range initrd; /* start 0 if there is none */
    const char *bootargs;
    u64 bootargs_size; /* without the NUL */
    paddr uart; /* the PL011 that /chosen/stdout-path names, else the first; 0 if there is none */
    struct fdt_item console;                 /* /chosen/stdout-path */
    const char *uart_names[BOARD_UARTS_MAX]; /* of all PL011: names of their nodes */
    paddr uarts[BOARD_UARTS_MAX];
    u32 uart_count;
    paddr virtio[BOARD_VIRTIO_MAX];
    u32 virtio_count;
    enum psci_conduit psci;
    u64 tree_size; /* bytes of the tree itself */
};

/* Reads the tree at `blob` (at most `limit` bytes); bootargs points into it. Nodes whose status is
 * not "okay", such as those of the secure world, are left out, and so is what is beyond the bounds
 * above. Returns NULL, or what is wrong with the tree. */
const char *board_read(struct board *board, const void *blob, u64 limit);
