/* What C cannot say. Each routine has a section, so that programs get only those they use. */
    .macro  routine name
    .section .text.\name, "ax", %progbits
    .global \name
\name:
    .endm

routine fault_undefined
    udf     #0
    ret
routine fault_breakpoint
    brk     #1
    ret
routine wait_for_interrupt
    wfi
    wfe
    ret
/* unsigned long physical_ticks(void): the counter that ticks() sees through an offset. */
routine physical_ticks
    isb
    mrs     x0, cntpct_el0
    ret
routine fault_misaligned_sp
    mov     x9, sp
    sub     x10, x9, #8
    mov     sp, x10
    ldr     x0, [sp]
    mov     sp, x9
    ret
routine fault_privileged
    mrs     x0, ttbr0_el1
    ret

/* void flush_code(const void *address): Arm ARM, B2.4.4. */
routine flush_code
    dc      cvau, x0
    dsb     ish
    ic      ivau, x0
    dsb     ish
    isb
    ret

/*
 * long spawn_keeping(const char *path, char **argv): spawns with a pattern in every register that
 * a call must keep, in the flags, TPIDR_EL0, FPCR, FPSR and the vector registers; the result, or
 * -1000 less the number of the first thing that changed: 1 to 30 x, 100 sp, 101 TPIDR, 102 FPCR,
 * 103 FPSR, 104 flags, 200 to 231 q.
 */
routine spawn_keeping
    stp     x29, x30, [sp, #-96]!
    stp     x19, x20, [sp, #16]
    stp     x21, x22, [sp, #32]
    stp     x23, x24, [sp, #48]
    stp     x25, x26, [sp, #64]
    stp     x27, x28, [sp, #80]
    adr     x2, saved_sp_address
    ldr     x2, [x2]
    mov     x3, sp
    str     x3, [x2]
    .irp    n, 2, 3, 4, 5, 6, 7, 9, 10, 11, 12, 13, 14, 15, 16, 17, 18, 19, 20, 21, 22, 23, 24, 25, 26, 27, 28, 29, 30
    mov     x\n, #(0x1000 + \n)
    .endr
    msr     tpidr_el0, x30
    mov     x8, #(1 << 24)              // FPCR.FZ
    msr     fpcr, x8
    mov     x8, #0x1f                   // FPSR: IOC, DZC, OFC, UFC, IXC
    msr     fpsr, x8
    .irp    n, 0, 1, 2, 3, 4, 5, 6, 7, 8, 9, 10, 11, 12, 13, 14, 15, 16, 17, 18, 19, 20, 21, 22, 23, 24, 25, 26, 27, 28, 29, 30, 31
    movi    v\n\().16b, #(0x40 + \n)
    .endr
    mov     x8, #0xb0000000             // N, C, V
    msr     nzcv, x8
    mov     x8, #1024
    svc     #0
    mrs     x8, nzcv
    cmp     x0, #0
    b.lt    9f
    mov     x1, #-1104
    lsr     x8, x8, #28
    cmp     x8, #0xb
    b.ne    8f
    .irp    n, 2, 3, 4, 5, 6, 7, 9, 10, 11, 12, 13, 14, 15, 16, 17, 18, 19, 20, 21, 22, 23, 24, 25, 26, 27, 28, 29, 30
    mov     x1, #(-1000 - \n)
    mov     x8, #(0x1000 + \n)
    cmp     x\n, x8
    b.ne    8f
    .endr
    mov     x1, #-1100
    adr     x2, saved_sp_address
    ldr     x2, [x2]
    ldr     x2, [x2]
    mov     x3, sp
    cmp     x2, x3
    b.ne    8f
    mov     x1, #-1101
    mrs     x2, tpidr_el0
    cmp     x2, x30
    b.ne    8f
    mov     x1, #-1102
    mrs     x2, fpcr
    mov     x3, #(1 << 24)
    cmp     x2, x3
    b.ne    8f
    mov     x1, #-1103
    mrs     x2, fpsr
    cmp     x2, #0x1f
    b.ne    8f
    .irp    n, 0, 1, 2, 3, 4, 5, 6, 7, 8, 9, 10, 11, 12, 13, 14, 15, 16, 17, 18, 19, 20, 21, 22, 23, 24, 25, 26, 27, 28, 29, 30, 31
    mov     x1, #(-1200 - \n)
    mov     x4, #(0x40 + \n)
    mov     x5, #0x0101010101010101
    mul     x4, x4, x5
    mov     x2, v\n\().d[0]
    mov     x3, v\n\().d[1]
    cmp     x2, x4
    b.ne    8f
    cmp     x3, x4
    b.ne    8f
    .endr
    b       9f
8:  mov     x0, x1
9:  msr     fpcr, xzr
    msr     fpsr, xzr
    adr     x2, saved_sp_address
    ldr     x2, [x2]
    ldr     x3, [x2]
    mov     sp, x3
    ldp     x19, x20, [sp, #16]
    ldp     x21, x22, [sp, #32]
    ldp     x23, x24, [sp, #48]
    ldp     x25, x26, [sp, #64]
    ldp     x27, x28, [sp, #80]
    ldp     x29, x30, [sp], #96
    ret
    .balign 8
saved_sp_address:
    .quad   saved_sp
    .section .bss.saved_sp, "aw", %nobits
    .balign 8
saved_sp:
    .space  8

/* long start_state(void): 0 if every vector register, TPIDR_EL0, FPCR and FPSR are zero, as a new
 * program must find them, else 1. */
routine start_state
    mrs     x0, tpidr_el0
    mrs     x1, fpcr
    orr     x0, x0, x1
    mrs     x1, fpsr
    orr     x0, x0, x1
    .irp    n, 0, 1, 2, 3, 4, 5, 6, 7, 8, 9, 10, 11, 12, 13, 14, 15, 16, 17, 18, 19, 20, 21, 22, 23, 24, 25, 26, 27, 28, 29, 30, 31
    mov     x1, v\n\().d[0]
    mov     x2, v\n\().d[1]
    orr     x0, x0, x1
    orr     x0, x0, x2
    .endr
    cmp     x0, #0
    cset    x0, ne
    ret

/* void dirty_state(void): fills what start_state looks at, otherwise than spawn_keeping does. */
routine dirty_state
    mov     x0, #-1
    msr     tpidr_el0, x0
    .irp    n, 0, 1, 2, 3, 4, 5, 6, 7, 8, 9, 10, 11, 12, 13, 14, 15, 16, 17, 18, 19, 20, 21, 22, 23, 24, 25, 26, 27, 28, 29, 30, 31
    dup     v\n\().2d, x0
    .endr
    mov     x0, #(1 << 25)              // FPCR.DN
    msr     fpcr, x0
    mov     x0, #(1 << 27)              // FPSR.QC
    msr     fpsr, x0
    ret
/*
 * long vfork_exec(const char *path, char **argv, long *error): Linux only. Starts `path` as a child that
 * borrows this memory until its execve, as posix_spawn does; its pid or -errno. Child and parent share the
 * stack, so neither touches it here. A child whose execve fails puts -errno into *error and exits with 127.
 */
routine vfork_exec
    mov     x9, x0
    mov     x10, x1
    mov     x11, x2
    mov     x0, #(0x4000 | 0x100 | 17)  // CLONE_VFORK | CLONE_VM | SIGCHLD, linux/sched.h
    mov     x1, xzr                     // the parent's stack
    mov     x2, xzr
    mov     x3, xzr
    mov     x4, xzr
    mov     x8, #220                    // clone
    svc     #0
    cbnz    x0, 1f
    mov     x0, x9
    mov     x1, x10
    mov     x2, xzr                     // no environment
    mov     x8, #221                    // execve
    svc     #0
    str     x0, [x11]
    mov     x0, #127
    mov     x8, #94                     // exit_group
    svc     #0
1:  ret
    .section .note.GNU-stack, "", %progbits
