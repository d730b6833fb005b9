/*
 * The header of an arm64 Image whose code begins at `start` and ends at `end` (Linux,
 * Documentation/arch/arm64/booting), and how QEMU's virt machine is powered off: PSCI by HVC.
 */
        .macro  image_header
        b       start
        .word   0
        .quad   0x80000                 /* text_offset */
        .quad   end - .text             /* image_size */
        .quad   0xa                     /* flags: little endian, 4 KiB pages, anywhere */
        .quad   0, 0, 0
        .ascii  "ARM\x64"
        .word   0
        .endm

        .macro  power_off
        movz    w0, #0x8400, lsl #16    /* PSCI SYSTEM_OFF */
        movk    w0, #8
        hvc     #0
        b       .
        .endm
