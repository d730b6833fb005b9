/*
 * A program for a PC that joins its two serial ports: what comes on one is printed on the other, and what the
 * guest of gates/others/ports.gate says on one can only come from the other. A multiboot program as
 * multiboot.S; COM1 is at 0x3f8, COM2 at 0x2f8, the line status of each 5 behind it, of which bit 0 says that
 * something has come and bit 5 that another byte can be sent, which a byte that is sent before would take the place
 * of. First it prints a prompt on both, COM2 first.
 */
        .code32
        .equ    BASE, 0x100000
        .equ    MAGIC, 0x1badb002
        .equ    FLAGS, 1 << 16
        .equ    COM1, 0x3f8
        .equ    COM2, 0x2f8
image:  .long   MAGIC, FLAGS, -(MAGIC + FLAGS)
        .long   BASE, BASE, 0, 0
        .long   start - image + BASE

start:  movl    $(prompt - image + BASE), %esi
say:    lodsb
        movw    $COM2, %dx
        outb    %al, %dx
        movw    $COM1, %dx
        outb    %al, %dx
        cmpb    $' ', %al
        jne     say

loop:   movl    $COM1, %ebx
        movl    $COM2, %ecx
        movl    $2, %ebp                /* both directions, one after the other */
next:   leal    5(%ebx), %edx
        inb     %dx, %al
        testb   $1, %al
        jz      turn
        leal    5(%ecx), %edx
        inb     %dx, %al
        testb   $0x20, %al
        jz      turn
        movl    %ebx, %edx
        inb     %dx, %al
        movl    %ecx, %edx
        outb    %al, %dx
turn:   xchgl   %ebx, %ecx
        decl    %ebp
        jnz     next
        jmp     loop

prompt: .ascii  "port> "
