/* Faults that C cannot make. */
    .text
    .global fault_undefined, fault_breakpoint, fault_misaligned_sp, fault_privileged
fault_undefined:
    udf     #0
    ret
fault_breakpoint:
    brk     #1
    ret
fault_misaligned_sp:
    mov     x9, sp
    sub     x10, x9, #8
    mov     sp, x10
    ldr     x0, [sp]
    mov     sp, x9
    ret
fault_privileged:
    mrs     x0, ttbr0_el1
    ret
    .section .note.GNU-stack, "", %progbits
