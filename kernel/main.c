/* The way from reset to /init. */
#include "board.h"
#include "console.h"
#include "frames.h"
#include "init.h"
#include "line.h"
#include "machine.h"
#include "table.h"
#include "transfer.h"

/* A device tree has at most 2 MiB: Linux, Documentation/arch/arm64/booting.rst, section 2. */
#define TREE_SIZE_MAX 0x200000

/* Where virt has its PL011: hw/arm/virt.c, VIRT_UART. */
#define VIRT_UART 0x9000000

void kernel_main(paddr tree);

/* RAM less the kernel, the device tree and the initramfs. Returns the size of all RAM. */
static u64 give_memory(const struct board *board, paddr tree) {
    const struct range holes[] = {
        {RAM_BASE, KERNEL_END},
        {tree, tree + board->tree_size},
        board->initrd,
    };
    u64 size = 0;
    u32 i;
    for (i = 0; i < board->memory_count; i++) {
        size += board->memory[i].end - board->memory[i].start;
        frames_add(board->memory[i], holes, sizeof holes / sizeof *holes);
    }
    return size;
}

void kernel_main(paddr tree) {
    static struct board board;
    const char *error = board_read(&board, (const void *)tree, TREE_SIZE_MAX);
    init_configure(&board); /* first, since a console that faults is a reason to power off */
    /* Without a tree there is still something to say. */
    console_open(board.uart && board.uart < DEVICE_SIZE ? board.uart : VIRT_UART);
    if (error) panic(error, NO_VALUE);
    tables_add_memory(&board);
    u64 size = give_memory(&board, tree);
    line_begin("BOOT");
    line_decimal("mem", size);
    line_decimal("freq", counter_hz());
    line_end_ticks();
    transfer_open(&board);
    init_unpack();
    init_run();
}
