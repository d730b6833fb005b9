/*
 * An arm64 Image that does what it is asked to, a letter at a time: the guest of gates/others/answers.gate.
 * QEMU's virt machine: PL011 as in echo.S; PSCI by hvc (Arm DEN 0022: SYSTEM_OFF, SYSTEM_RESET); exit by
 * semihosting (Arm, Semihosting for AArch32 and AArch64: SYS_EXIT 0x18 with ADP_Stopped_ApplicationExit).
 *
 *     0 to 9  end QEMU with that exit status      o  power off       r  reset
 *     b       print a line that says BUG          p  print a panic   h  hang
 */
#include "image.inc"

#define PL011 0x09000000

        image_header
start:  movz    x1, #(PL011 >> 16), lsl #16
        adr     x3, block
next:   adr     x0, prompt
        bl      print
read:   ldr     w2, [x1, #0x18]
        tbnz    w2, #4, read
        ldr     w4, [x1]
        sub     w5, w4, #'0'
        cmp     w5, #9
        b.ls    exit
        cmp     w4, #'o'
        b.eq    off
        cmp     w4, #'r'
        b.eq    reset
        adr     x0, bug
        cmp     w4, #'b'
        b.eq    say
        adr     x0, panic
        cmp     w4, #'p'
        b.eq    say
        cmp     w4, #'h'
        b.eq    .
        b       next

say:    bl      print
        b       next

exit:   movz    x0, #2, lsl #16
        movk    x0, #0x26
        str     x0, [x3]
        str     x5, [x3, #8]
        mov     x1, x3
        mov     w0, #0x18
        hlt     #0xf000

off:    movz    x0, #0x8400, lsl #16
        movk    x0, #8
        hvc     #0
reset:  movz    x0, #0x8400, lsl #16
        movk    x0, #9
        hvc     #0

print:  ldrb    w2, [x0], #1
        cbz     w2, 1f
        strb    w2, [x1]
        b       print
1:      ret

prompt: .asciz  "ready> "
bug:    .asciz  "BUG: sleeping function\n"
panic:  .asciz  "Kernel panic - not syncing: asked to\n"
        .balign 8
block:  .quad   0, 0
end:
