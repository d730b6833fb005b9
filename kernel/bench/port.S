/* What the measuring program needs beside kernel/user/start.S. */

/* unsigned long tick_frequency(void): ticks() a second, in Hz. */
    .text
    .global tick_frequency
tick_frequency:
    mrs     x0, cntfrq_el0
    ret
    .section .note.GNU-stack, "", %progbits
