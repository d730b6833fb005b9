/*
 * The assembly file: Image header, reset, vectors, entry from and return to EL0, routines for C.
 * Names: Arm ARM (DDI 0487), D13. No # before numbers: TinyCC's preprocessor cuts lines off there.
 *
 * Register roles
 *   at EL0      SP_EL1 points at the running process's struct context
 *   at EL1      sp is the kernel's one stack, x19 the context between entry and exit
 *   reset       x20 the device tree's address
 */
#include "layout.h"

/* ---- Image header: Linux, Documentation/arch/arm64/booting.rst, section 4 ---- */
    .text
    .global _start
_start:
    b       reset                       // code0
    .word   0                           // code1
    .quad   TEXT_OFFSET                 // text_offset
    .quad   KERNEL_END - RAM_BASE - TEXT_OFFSET // image_size, BSS included
    .quad   2                           // flags: little endian, 4 KiB pages
    .quad   0, 0, 0
    .ascii  "ARM\x64"                   // magic
    .word   0

/* ---- Reset: x0 = device tree, MMU off, EL1 or EL2 ---- */
reset:
    mov     x20, x0
    msr     daifset, 0xf
    mrs     x1, CurrentEL
    cmp     x1, (2 << 2)
    b.ne    at_el1
    mov     x1, (1 << 31)               // HCR_EL2.RW: EL1 is AArch64; nothing is trapped
    msr     hcr_el2, x1
    mov     x1, 3                       // EL1PCTEN, EL1PCEN: EL0 and EL1 may read the counters
    msr     cnthctl_el2, x1
    msr     cntvoff_el2, xzr
    mov     x1, 0x33ff                  // CPTR_EL2: RES1 bits; FP/SIMD not trapped
    msr     cptr_el2, x1
    msr     hstr_el2, xzr
    msr     mdcr_el2, xzr
    ldr     x1, =0x30d00800             // SCTLR_EL1: RES1 bits, MMU off
    msr     sctlr_el1, x1
    mov     x1, 0x3c5                   // EL1h, all masked
    msr     spsr_el2, x1
    adr     x1, at_el1
    msr     elr_el2, x1
    eret
at_el1:
    msr     spsel, 1
    mov     x1, (3 << 20)               // CPACR_EL1.FPEN: FP/SIMD at EL0, and at EL1 since
    msr     cpacr_el1, x1               // TinyCC stores q0 to q7 on entry to every function
    ldr     x1, =stack_top
    mov     sp, x1
    mov     x29, xzr                    // ends the chain of frames
    mov     x30, xzr
    ldr     x0, =bss_start              // BSS is not in the Image, and RAM is not clean
    ldr     x2, =_end
    sub     x2, x2, x0
    mov     w1, 0
    bl      memset
    mov     x0, x20
    bl      tables_init                 // the kernel's own map, kernel_level1
    ldr     x1, =vectors
    msr     vbar_el1, x1
    mov     x1, 3                       // EL0PCTEN, EL0VCTEN: the counters at EL0
    msr     cntkctl_el1, x1
    msr     mdscr_el1, xzr
    mov     x1, 0x04ff                  // MAIR: 0 = normal write-back, 1 = device nGnRE
    msr     mair_el1, x1
    mrs     x2, id_aa64mmfr0_el1        // PARange, at most 48 bits with 4 KiB pages
    and     x2, x2, 7
    mov     x3, 5
    cmp     x2, x3
    csel    x2, x2, x3, lo
    ldr     x1, =(25 | 1 << 8 | 1 << 10 | 3 << 12 | 1 << 23) // T0SZ 39 bits, WBWA, inner, EPD1
    orr     x1, x1, x2, lsl 32          // IPS
    msr     tcr_el1, x1
    ldr     x1, =kernel_level1
    msr     ttbr0_el1, x1
    dsb     sy
    tlbi    vmalle1
    ic      iallu
    dsb     sy
    isb
    // RES1 and SPAN; UCI, UCT, DZE, nTWE: EL0 may do cache upkeep and wfe; wfi traps, since no
    // interrupt would ever end it; I, SA0, SA, C, M.
    ldr     x1, =(0x30d00800 | 1 << 26 | 1 << 18 | 1 << 15 | 1 << 14 | 1 << 12 | 0x1d)
    msr     sctlr_el1, x1
    isb
    mov     x0, x20
    bl      kernel_main                 // does not return

/* ---- Vectors: Arm ARM D1.10.2. Each slot has 32 instructions. ---- */
    .macro  slot target
    .balign 128
    b       \target
    .endm
    .macro  slot_bad
    .balign 128
    msr     tpidr_el1, x0               // the one scratch there is: sp may have overflowed
    ldr     x0, =panic_context
    str     x30, [x0, 240]
    bl      bad_exception               // x30 tells the slot
    .endm

    .balign 2048
vectors:
    .rept   8                           // EL1t and EL1h (the kernel's own fault): sync to SError
    slot_bad
    .endr
    slot    el0_sync                    // EL0 sync: system calls and faults
    .rept   7                           // EL0 IRQ, FIQ, SError, which are masked; AArch32
    slot_bad
    .endr
    .balign 128
    .org    vectors + 16 * 128          // fails to assemble if a slot is longer than that

/* ---- x0 to x30, q0 to q31, stored (stp, str) or loaded (ldp, ldr) at a struct context ---- */
    .altmacro
    .macro  pair op, kind, n, m, base, offset
    \op     \kind\n, \kind\m, [\base, \offset]
    .endm
    .macro  registers op, op_one, base
    .irp    n, 0, 2, 4, 6, 8, 10, 12, 14, 16, 18, 20, 22, 24, 26, 28
    pair    \op, x, \n, %(\n + 1), \base, %(8 * \n)
    .endr
    .ifnb   \op_one
    \op_one x30, [\base, 240]
    .endif
    .endm
    .macro  vector_pairs op, base
    .irp    n, 0, 2, 4, 6, 8, 10, 12, 14, 16, 18, 20, 22, 24, 26, 28, 30
    pair    \op, q, \n, %(\n + 1), \base, %(16 * \n)
    .endr
    .endm

/* ---- A label for C ---- */
    .macro  routine name
    .global \name
\name:
    .endm

/* ---- Entry from EL0 and return ---- */
el0_sync:
    registers stp, str, sp
    mov     x19, sp
    mrs     x1, esr_el1
    ldr     x2, =stack_top
    mov     sp, x2
    mov     x29, xzr                    // a backtrace ends here
    mov     x0, x19
    lsr     x2, x1, 26                  // ESR_EL1.EC
    cmp     x2, 0x15                    // SVC in AArch64
    b.ne    1f
    bl      syscall_dispatch            // context to run next (context that called)
    b       2f
1:  mrs     x2, far_el1
    bl      trap_user                   // the same (context, esr, far)
2:  cmp     x0, x19
    b.ne    3f                          // another process: everything must be loaded
    mov     sp, x19
    registers ldp, ldr, sp
    eret

routine context_run
3:  mov     sp, x0
    ldp     x1, x2, [sp, CONTEXT_ELR]
    ldp     x3, x4, [sp, CONTEXT_SP]
    msr     elr_el1, x1
    msr     spsr_el1, x2
    msr     sp_el0, x3
    msr     tpidr_el0, x4
    add     x1, sp, CONTEXT_VECTOR
    vector_pairs ldp, x1
    ldp     x2, x3, [sp, CONTEXT_FPSR]  // and FPCR
    msr     fpsr, x2
    msr     fpcr, x3
    registers ldp, ldr, sp
    eret

routine context_save                    // (context)
    mrs     x1, elr_el1
    mrs     x2, spsr_el1
    mrs     x3, sp_el0
    mrs     x4, tpidr_el0
    stp     x1, x2, [x0, CONTEXT_ELR]
    stp     x3, x4, [x0, CONTEXT_SP]
    mrs     x2, fpsr
    mrs     x3, fpcr
    stp     x2, x3, [x0, CONTEXT_FPSR]
    add     x1, x0, CONTEXT_VECTOR
    vector_pairs stp, x1
    ret

/* ---- Panic: keep the registers, then report on a stack of its own ---- */
bad_exception:                          // x0 = panic_context, true x0 in TPIDR_EL1, x30 stored
    registers stp, , x0
    mrs     x1, tpidr_el1
    mov     x2, sp
    str     x1, [x0, 0]
    str     x2, [x0, CONTEXT_SP]
    mrs     x1, elr_el1
    mrs     x2, spsr_el1
    stp     x1, x2, [x0, CONTEXT_ELR]
    ldr     x2, =panic_stack_top
    mov     sp, x2
    mov     x3, x0
    ldr     x2, =vectors
    sub     x0, x30, x2
    lsr     x0, x0, 7                   // which slot called
    mrs     x1, esr_el1
    mrs     x2, far_el1
    bl      panic_exception             // (slot, esr, far, registers)

routine panic                           // (reason, value)
    ldr     x16, =panic_context
    registers stp, str, x16
    mov     x2, sp
    str     x2, [x16, CONTEXT_SP]
    mrs     x2, spsr_el1
    sub     x3, x30, 4                  // the call is where it happened
    stp     x3, x2, [x16, CONTEXT_ELR]
    ldr     x2, =panic_stack_top
    mov     sp, x2
    mov     x2, x16
    bl      panic_report                // (reason, value, registers)

/* ---- Routines of machine.h ---- */
    .macro  routine_of name, first, second, third, fourth, fifth
routine \name
    \first
    \second
    \third
    \fourth
    \fifth
    ret
    .endm

routine_of trap_pc, <mrs x0, elr_el1>
routine_of trap_pc_set, <msr elr_el1, x0>
routine_of counter_ticks, isb, <mrs x0, cntvct_el0> // not before what came before
routine_of counter_hz, <mrs x0, cntfrq_el0>
routine_of tables_publish, <dsb ishst>, isb
routine_of icache_flush, <ic iallu>, <dsb nsh>, isb
routine_of memory_barrier, <dsb sy>
routine_of psci_hvc, <hvc 0>
routine_of psci_smc, <smc 0>
routine_of tlb_flush, <dsb ishst>, <tlbi vmalle1>, <dsb nsh>, isb
routine_of tlb_flush_page, <lsr x0, x0, PAGE_SHIFT>, <dsb ishst>, <tlbi vae1, x0>, <dsb nsh>, isb // ASID 0
routine cache_clean
    add     x1, x0, x1
    mrs     x2, ctr_el0
    ubfx    x2, x2, 16, 4               // DminLine: log2 of the words in a line
    mov     x3, 4
    lsl     x3, x3, x2
    sub     x2, x3, 1
    bic     x0, x0, x2
1:  cmp     x0, x1
    b.hs    2f
    dc      cvau, x0
    add     x0, x0, x3
    b       1b
2:  dsb     nsh
    ret
routine cpu_halt
    wfi
    b       cpu_halt

/* memmove is what TinyCC calls for a structure assignment: equal or disjoint ranges. */
routine memmove
routine memcpy                          // (to, from, size); 64, 8, then 1 byte at a time
    mov     x3, x0
1:  subs    x2, x2, 64
    b.lo    2f
    ldp     x4, x5, [x1]
    ldp     x6, x7, [x1, 16]
    ldp     x8, x9, [x1, 32]
    ldp     x10, x11, [x1, 48]
    add     x1, x1, 64
    stp     x4, x5, [x3]
    stp     x6, x7, [x3, 16]
    stp     x8, x9, [x3, 32]
    stp     x10, x11, [x3, 48]
    add     x3, x3, 64
    b       1b
2:  add     x2, x2, 64
3:  subs    x2, x2, 8
    b.lo    4f
    ldr     x4, [x1], 8
    str     x4, [x3], 8
    b       3b
4:  adds    x2, x2, 8
    b.eq    6f
5:  ldrb    w4, [x1], 1
    strb    w4, [x3], 1
    subs    x2, x2, 1
    b.ne    5b
6:  ret

routine memset                          // (to, byte, size); `to` is a multiple of 8 as long as the MMU is off
    and     x1, x1, 0xff
    mov     x4, 0x0101010101010101
    mul     x1, x1, x4
    mov     x3, x0
1:  subs    x2, x2, 64
    b.lo    2f
    stp     x1, x1, [x3]
    stp     x1, x1, [x3, 16]
    stp     x1, x1, [x3, 32]
    stp     x1, x1, [x3, 48]
    add     x3, x3, 64
    b       1b
2:  adds    x2, x2, 64
    b.eq    4f
3:  strb    w1, [x3], 1
    subs    x2, x2, 1
    b.ne    3b
4:  ret

/* ---- Memory that the hardware or the entry code needs at fixed alignment ---- */
    .bss
    .balign PAGE_SIZE
bss_start:                              // this file is linked first
    .macro  area name, size
routine \name
    .space  \size
    .endm
    area    kernel_level1, PAGE_SIZE
    area    kernel_level2, PAGE_SIZE
    area    kernel_level3, PAGE_SIZE
    area    zero_page, PAGE_SIZE
    area    stack_guard, PAGE_SIZE
    .space  KERNEL_STACK_SIZE
stack_top:
    .space  KERNEL_STACK_SIZE
panic_stack_top:
    area    panic_context, CONTEXT_SIZE
