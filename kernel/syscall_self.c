/* What a C library asks about its own process: pid, clocks, signals. No signal is ever delivered:
 * actions and mask are kept for whoever asks for them again. */
#include "abi/errno.h"
#include "frames.h"
#include "machine.h"
#include "process.h"
#include "syscall.h"
#include "uaccess.h"

i64 sys_getpid(const u64 *x) {
    (void)x;
    return current->pid;
}

/* There are no clocks but the counter: every clock began with the machine. */
i64 sys_clock_gettime(const u64 *x) {
    u64 ticks = counter_ticks(), hz = counter_hz();
    u64 time[] = {ticks / hz, ticks % hz * 1000000000 / hz};
    if ((u32)x[0] > CLOCK_BOOTTIME) return -EINVAL;
    return uaccess_copy(&current->space, x[1], ACCESS_WRITE, time, sizeof time);
}

/* The bits of SIGKILL and SIGSTOP, which nothing blocks. */
#define NEVER_BLOCKED (1ul << (SIGKILL - 1) | 1ul << (SIGSTOP - 1))

/* Reads what a call on signals is given: Linux's order of checks. */
static int take(const u64 *x, void *wanted, u64 size) {
    if (x[3] != sizeof current->blocked) return -EINVAL;
    return x[1] ? uaccess_copy(&current->space, x[1], ACCESS_READ, wanted, size) : 0;
}
static int give(const u64 *x, void *old, u64 size) {
    return x[2] ? uaccess_copy(&current->space, x[2], ACCESS_WRITE, old, size) : 0;
}

i64 sys_rt_sigaction(const u64 *x) {
    u32 signal = (u32)x[0];
    struct action wanted, old;
    int error = take(x, &wanted, sizeof wanted);
    if (error) return error;
    if (signal < 1 || signal > SIGNAL_COUNT) return -EINVAL;
    if (x[1] && (signal == SIGKILL || signal == SIGSTOP)) return -EINVAL;
    if (!current->actions) current->actions = frame_alloc_zero(); /* SIG_DFL, all of them */
    if (!current->actions) return -ENOMEM;
    struct action *action = &current->actions[signal - 1];
    old = *action;
    if (x[1]) {
        *action = wanted;
        action->flags &= SA_KNOWN;
        action->mask &= ~NEVER_BLOCKED;
    }
    return give(x, &old, sizeof old);
}

i64 sys_rt_sigprocmask(const u64 *x) {
    u64 old = current->blocked, set = 0;
    int error = take(x, &set, sizeof set);
    u64 masks[] = {old | set, old & ~set, set}; /* SIG_BLOCK, SIG_UNBLOCK, SIG_SETMASK */
    if (error) return error;
    if (x[1] && (u32)x[0] > SIG_SETMASK) return -EINVAL;
    if (x[1]) current->blocked = masks[(u32)x[0]] & ~NEVER_BLOCKED;
    return give(x, &old, sizeof old);
}
