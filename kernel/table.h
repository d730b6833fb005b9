/*
 * Translation tables: Arm ARM (DDI 0487), D5.3, 4 KiB granule, 39 bits in three levels. The
 * kernel's half is made once; the first entry of kernel_level1 is the space of the process that
 * runs.
 */
#pragma once

#include "board.h"

enum { TABLE_ENTRIES = 512 };
enum { LEVEL1_SHIFT = 30, LEVEL2_SHIFT = 21 };

#define ENTRY_VALID          (1ul << 0)
#define ENTRY_TABLE          (1ul << 1 | ENTRY_VALID) /* levels 1 and 2 */
#define ENTRY_PAGE           (1ul << 1 | ENTRY_VALID) /* level 3 */
#define ENTRY_DEVICE         (1ul << 2)               /* MAIR attribute 1; else 0, normal memory */
#define ENTRY_USER           (1ul << 6)               /* AP[1]: EL0 has access */
#define ENTRY_READ_ONLY      (1ul << 7)               /* AP[2]: for EL1 too */
#define ENTRY_SHARED         (3ul << 8)               /* inner shareable */
#define ENTRY_ACCESSED       (1ul << 10)
#define ENTRY_EL1_NO_EXECUTE (1ul << 53)
#define ENTRY_EL0_NO_EXECUTE (1ul << 54)
#define ENTRY_OWNED          (1ul << 55) /* software: the frame belongs to the space */
/* Software, of an invalid entry: a page of anonymous memory that was not touched yet, or that may
 * not be accessed; with its rights, ELF_. */
#define ENTRY_RESERVED     (1ul << 2)
#define ENTRY_RIGHTS_SHIFT 56
#define ENTRY_ADDRESS      0xfffffffff000ul

/* Called by machine.S with the MMU off: the kernel's image, the first GiB of RAM, the GiB that has
 * the device tree, and the devices. */
void tables_init(paddr tree);

/* Maps the rest of the RAM. */
void tables_add_memory(const struct board *board);

/* Makes `level2`, the table of a user space, the one in use; NULL for none. */
void tables_switch(const u64 *level2);
