/*
 * A program for a Cortex-M3 that ends as it is asked to, a letter at a time: the guest of
 * gates/others/cortex-m.gate. QEMU's mps2-an385 starts it through the vector table at 0 and has its
 * first UART at 0x40004000 (Arm, Cortex-M System Design Kit, APB UART: DATA, STATE, CTRL, BAUDDIV).
 *
 *     0 to 9  semihosting's exit with that status (Arm, Semihosting: SYS_EXIT_EXTENDED 0x20)
 *     l       an undefined instruction, also in the handler of faults: the processor locks up
 */
        .syntax unified
        .thumb
/* The image is loaded at 0, and nothing relocates it. */
base:   .word   0x20008000              /* stack: the first SRAM */
        .word   start - base + 1        /* reset; 1 is Thumb */
        .word   0
        .word   lock - base + 1         /* HardFault */

start:  ldr     r4, uart
        movs    r0, #16                 /* BAUDDIV: the least that the UART takes */
        str     r0, [r4, #16]
        movs    r0, #1                  /* CTRL: transmit */
        str     r0, [r4, #8]
next:   adr     r5, prompt
put:    ldrb    r0, [r5], #1
        cbz     r0, read
full:   ldr     r1, [r4, #4]            /* STATE bit 0: transmit buffer full */
        lsls    r1, r1, #31
        bmi     full
        str     r0, [r4]
        b       put

/* It takes input only some 50 ms after it has asked for it, and tells nobody. */
read:   ldr     r0, late
wait:   subs    r0, #1
        bne     wait
        movs    r0, #3                  /* CTRL: transmit and receive */
        str     r0, [r4, #8]
poll:   ldr     r1, [r4, #4]            /* STATE bit 1: receive buffer full */
        lsls    r1, r1, #30
        bpl     poll
        ldr     r0, [r4]
        cmp     r0, #'l'
        beq     lock
        subs    r0, #'0'
        cmp     r0, #9
        bhi     next
        push    {r0}
        ldr     r0, reason
        push    {r0}
        mov     r1, sp                  /* the block of two words: reason, status */
        movs    r0, #0x20
        bkpt    0xab
lock:   udf     #0

        .balign 4
late:   .word   0x1000000
uart:   .word   0x40004000
reason: .word   0x20026                 /* ADP_Stopped_ApplicationExit */
prompt: .asciz  "ready> "
