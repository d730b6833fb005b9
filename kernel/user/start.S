/* Entry of a user program and its one way into the kernel. */
    .text
    .global _start
_start:
    ldr     x0, [sp]                    // argc
    add     x1, sp, #8                  // argv
    mov     x29, xzr
    bl      main
    mov     x8, #94                     // exit_group(main's result)
    svc     #0

/* long syscall(long number, a, b, c, d, e, f): Linux's convention. */
    .global syscall
syscall:
    mov     x8, x0
    mov     x0, x1
    mov     x1, x2
    mov     x2, x3
    mov     x3, x4
    mov     x4, x5
    mov     x5, x6
    svc     #0
    ret

/* unsigned long ticks(void): the virtual counter. */
    .global ticks
ticks:
    isb
    mrs     x0, cntvct_el0
    ret
    .section .note.GNU-stack, "", %progbits
