/*
 * An arm64 Image that prints a transcript which ends in the middle of a file and powers off: the
 * guest of gates/selftest/truncated.gate. It assumes QEMU's virt machine: PL011 at 0x09000000,
 * PSCI by HVC (hw/arm/virt.c, virt_memmap and its psci node).
 */
#include "image.inc"

#define PL011 0x09000000

        image_header
start:  adr     x0, transcript
        movz    x1, #(PL011 >> 16), lsl #16
1:      ldrb    w2, [x0], #1
        cbz     w2, 2f
        strb    w2, [x1]
        b       1b
2:      power_off

transcript:
        .ascii  "=== BOOT mem=1073741824 freq=62500000 ticks=1 ===\n"
        .ascii  "=== DUMP-BEGIN ===\n"
        .ascii  "=== FILE path=/a size=6 ===\n"
        .asciz  "616263"
end:
