/*
 * An arm64 Image that prints its initrd up to the first zero byte and powers off, or waits for ever if the
 * byte after it is not zero as well. QEMU's virt machine with 256 MiB or more: the PL011 as in echo.S, the
 * initrd 128 MiB above the begin of RAM (QEMU, hw/arm/boot.c).
 */
#include "image.inc"

#define PL011  0x09000000
#define INITRD 0x48000000

        image_header
start:  movz    x1, #(PL011 >> 16), lsl #16
        movz    x0, #(INITRD >> 16), lsl #16
1:      ldrb    w2, [x0], #1
        cbz     w2, 2f
        strb    w2, [x1]
        b       1b
2:      ldrb    w2, [x0]
        cbz     w2, 4f
3:      wfi
        b       3b
4:      power_off
end:
