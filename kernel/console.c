#include "console.h"
#include "layout.h"

/* Offsets of 32-bit registers, and their bits: DDI 0183, section 3.3. */
enum { DATA = 0x00, FLAG = 0x18, LINE_CONTROL = 0x2c, CONTROL = 0x30 };
enum { FLAG_TX_EMPTY = 1 << 7 };
enum { LINE_FIFO = 1 << 4, LINE_8_BITS = 3 << 5 };
enum { CONTROL_ENABLE = 1 << 0, CONTROL_TX = 1 << 8 };

/* The smallest FIFO of any PL011 revision: so many bytes fit when it is empty, without asking. */
enum { FIFO_SIZE = 16 };

static volatile u32 *registers;
static u32 room;
static u8 last = '\n';

void console_open(paddr uart) {
    registers = (volatile u32 *)(DEVICE_BASE + uart);
    registers[LINE_CONTROL / 4] = LINE_FIFO | LINE_8_BITS;
    registers[CONTROL / 4] = CONTROL_ENABLE | CONTROL_TX;
}

void console_write(const void *bytes, u64 size) {
    /* Copies, so that the loop stores to the device alone: gcc 12 at -O2, moving another store out
     * of such a loop, stores the last byte to the device twice. */
    volatile u32 *device = registers;
    u32 left = room;
    const u8 *at = bytes, *end = at + size;
    for (; at < end; at++) {
        if (left == 0) {
            while (!(device[FLAG / 4] & FLAG_TX_EMPTY))
                continue;
            left = FIFO_SIZE;
        }
        left--;
        device[DATA / 4] = *at;
    }
    room = left;
    if (size > 0) last = at[-1];
}

u32 console_fresh_line(void) {
    if (last == '\n') return 0;
    console_write("\n", 1);
    return 1;
}
