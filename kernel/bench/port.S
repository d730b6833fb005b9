/* What the measuring program needs beside kernel/user/start.S. */

/*
 * long vfork_exec(const char *path, char **argv): Linux only. Starts `path` as a child that borrows
 * this memory until its execve, as posix_spawn does; its pid or -errno. Child and parent share the stack,
 * so neither touches it here. A child whose execve fails exits with 127.
 */
    .text
    .global vfork_exec
vfork_exec:
    mov     x9, x0
    mov     x10, x1
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
    mov     x0, #127
    mov     x8, #94                     // exit_group
    svc     #0
1:  ret

/* unsigned long tick_frequency(void): ticks() a second, in Hz. */
    .global tick_frequency
tick_frequency:
    mrs     x0, cntfrq_el0
    ret
    .section .note.GNU-stack, "", %progbits
