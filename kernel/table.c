#include "table.h"
#include "machine.h"

/* Every linker defines the end of the text; the Image begins with it. */
extern u8 _start[], _etext[];

#define NEVER_EXECUTE (ENTRY_EL1_NO_EXECUTE | ENTRY_EL0_NO_EXECUTE)
#define MEMORY_BLOCK  (ENTRY_VALID | ENTRY_SHARED | ENTRY_ACCESSED | NEVER_EXECUTE)
#define DEVICE_BLOCK  (ENTRY_VALID | ENTRY_DEVICE | ENTRY_ACCESSED | NEVER_EXECUTE)

/* The entry for a page of the first 2 MiB: text read-only, the guard absent, the rest data. */
static u64 image_page(paddr page) {
    u64 entry = page | ENTRY_PAGE | ENTRY_SHARED | ENTRY_ACCESSED;
    if (page >= (u64)_start && page < (u64)_etext)
        return entry | ENTRY_READ_ONLY | ENTRY_EL0_NO_EXECUTE;
    if (page == (u64)stack_guard) return 0;
    return entry | NEVER_EXECUTE;
}

void tables_init(paddr tree) {
    u64 n;
    for (n = 0; n < TABLE_ENTRIES; n++) {
        kernel_level3[n] = image_page(RAM_BASE + n * PAGE_SIZE);
        kernel_level2[n] = (RAM_BASE + (n << LEVEL2_SHIFT)) | MEMORY_BLOCK;
    }
    kernel_level2[0] = (u64)kernel_level3 | ENTRY_TABLE;
    n = tree >> LEVEL1_SHIFT & (TABLE_ENTRIES - 1);
    kernel_level1[n] = (n << LEVEL1_SHIFT) | MEMORY_BLOCK;
    kernel_level1[RAM_BASE >> LEVEL1_SHIFT] = (u64)kernel_level2 | ENTRY_TABLE;
    kernel_level1[DEVICE_BASE >> LEVEL1_SHIFT] = DEVICE_BLOCK;
}

void tables_add_memory(const struct board *board) {
    u64 i, n, end;
    for (i = 0; i < board->memory_count; i++) {
        end = board->memory[i].end;
        if (board->memory[i].start < RAM_BASE || end > DEVICE_BASE)
            panic("memory outside 1 GiB to 256 GiB", board->memory[i].start);
        for (n = board->memory[i].start >> LEVEL1_SHIFT; n << LEVEL1_SHIFT < end; n++)
            if (!kernel_level1[n]) kernel_level1[n] = (n << LEVEL1_SHIFT) | MEMORY_BLOCK;
    }
    tables_publish();
}

void tables_switch(const u64 *level2) {
    /* Break before make: D5.10.1. */
    kernel_level1[0] = 0;
    tlb_flush();
    if (level2) {
        kernel_level1[0] = (u64)level2 | ENTRY_TABLE;
        tables_publish();
    }
}
