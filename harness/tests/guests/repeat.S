/*
 * An arm64 Image that prints what it reads from its console, for ever, so that a dialog says what is printed
 * and when. QEMU's virt machine: PL011 as in echo.S.
 */
#include "image.inc"

#define PL011 0x09000000

        image_header
start:  movz    x1, #(PL011 >> 16), lsl #16
read:   ldr     w2, [x1, #0x18]
        tbnz    w2, #4, read
        ldr     w2, [x1]
        strb    w2, [x1]
        b       read
end:
