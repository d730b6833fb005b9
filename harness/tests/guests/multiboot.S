/*
 * A program for a PC that ends QEMU with the status that it is asked for: the guest of
 * gates/others/multiboot.gate. QEMU loads it as Multiboot 1 says (Multiboot Specification 0.6.96,
 * 3.1): flag 16 gives the addresses, so that a flat file will do. It is entered in 32-bit protected
 * mode, ebx at the information. COM1 is at 0x3f8; the device isa-debug-exit, of iobase 0xf4, ends
 * QEMU with twice the value, plus 1.
 *
 *     0 to 9  that value
 *
 * First it prints a line on COM2, 0x2f8, which a machine may not have.
 *
 * With boot arguments that end with T it prints results as kvm-unit-tests do, and ends with 0.
 */
        .code32
        .equ    BASE, 0x100000
        .equ    MAGIC, 0x1badb002
        .equ    FLAGS, 1 << 16
        .equ    COM1, 0x3f8
image:  .long   MAGIC, FLAGS, -(MAGIC + FLAGS)
        .long   BASE                    /* this header, */
        .long   BASE                    /* the beginning of what is loaded, */
        .long   0, 0                    /* its end: that of the file; no bss */
        .long   start - image + BASE

start:  movl    $(stack - image + BASE), %esp
        movl    $(log - image + BASE), %esi
log1:   lodsb
        movw    $0x2f8, %dx
        outb    %al, %dx
        cmpb    $'\n', %al
        jne     log1
        movl    16(%ebx), %esi          /* the boot arguments, 3.3; QEMU always gives them */
last:   movb    %dl, %dh
        lodsb
        movb    %al, %dl
        testb   %al, %al
        jnz     last
        movl    $(results - image + BASE), %esi
        xorl    %ebx, %ebx
        cmpb    $'T', %dh
        je      print
next:   movl    $(prompt - image + BASE), %esi
        movl    $(read - image + BASE), %ebx

/* Prints the text at esi, and goes on at ebx; 0: ends with status 0. */
print:  lodsb
        testb   %al, %al
        jz      done
        movw    $COM1, %dx
        outb    %al, %dx
        jmp     print
done:   xorl    %eax, %eax
        testl   %ebx, %ebx
        jz      exit
        jmp     *%ebx

read:   movw    $(COM1 + 5), %dx        /* line status, bit 0: data */
        inb     %dx, %al
        testb   $1, %al
        jz      read
        movw    $COM1, %dx
        inb     %dx, %al
        movzbl  %al, %eax
        subl    $'0', %eax
        cmpl    $9, %eax
        ja      next
exit:   movw    $0xf4, %dx
        outl    %eax, %dx
        hlt

log:    .ascii  "loaded\n"
prompt: .asciz  "ready> "
results:
        .ascii  "PASS: multiboot: loaded\n"
        .ascii  "SKIP: multiboot: modules\n"
        .asciz  "SUMMARY: 2 tests, 1 skipped\n"
        .balign 16
        .fill   64
stack:
