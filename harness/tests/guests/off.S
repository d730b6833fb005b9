/* An arm64 Image that powers off at once (PSCI by HVC): what QEMU costs by itself. */
#define PSCI_SYSTEM_OFF 0x84000008

        /* Image header: Linux, Documentation/arch/arm64/booting. */
        b       start
        .word   0
        .quad   0x80000                 /* text_offset */
        .quad   end - .text             /* image_size */
        .quad   0xa                     /* flags: little endian, 4 KiB pages, anywhere */
        .quad   0, 0, 0
        .ascii  "ARM\x64"
        .word   0

start:  movz    w0, #(PSCI_SYSTEM_OFF & 0xffff)
        movk    w0, #(PSCI_SYSTEM_OFF >> 16), lsl #16
        hvc     #0
        b       .
end:
