/*
 * An arm64 Image that asks for a name, reads a line from its console, greets, and waits for ever: the
 * guest of gates/dialog.gate. QEMU's virt machine: PL011 at 0x09000000 (Arm PrimeCell UART, DDI 0183:
 * DR at 0, FR at 0x18, of which bit 4 says that nothing has come).
 */
#include "image.inc"

#define PL011 0x09000000

        image_header
start:  movz    x1, #(PL011 >> 16), lsl #16
        adr     x3, name
        adr     x0, question
        bl      print
read:   ldr     w2, [x1, #0x18]
        tbnz    w2, #4, read
        ldr     w2, [x1]
        strb    w2, [x3], #1
        cmp     w2, #'\n'
        b.ne    read
        strb    wzr, [x3]
        adr     x0, greeting
        bl      print
        adr     x0, name
        bl      print
        b       .

print:  ldrb    w2, [x0], #1
        cbz     w2, 1f
        strb    w2, [x1]
        b       print
1:      ret

question:
        .asciz  "echo 1.0\nname? "
greeting:
        .asciz  "hello "
name:   .space  64
end:
