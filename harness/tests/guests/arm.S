/*
 * An image for another architecture, 32-bit Arm, in words since the assembler is aarch64's: it
 * prints "arm" and waits for ever. QEMU's virt machine: PL011 at 0x09000000.
 */
        .word   0xe3a00409      // mov  r0, #0x09000000
        .word   0xe3a01061      // mov  r1, #'a'
        .word   0xe5801000      // str  r1, [r0]
        .word   0xe3a01072      // mov  r1, #'r'
        .word   0xe5801000
        .word   0xe3a0106d      // mov  r1, #'m'
        .word   0xe5801000
        .word   0xe3a0100a      // mov  r1, #'\n'
        .word   0xe5801000
        .word   0xeafffffe      // b    .
