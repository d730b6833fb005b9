/* Signals as a program asks for them, and clocks: Linux, include/uapi/asm-generic/signal.h,
 * signal-defs.h, arch/arm64/include/uapi/asm/signal.h, include/uapi/linux/time.h. */
#pragma once

enum { SIGNAL_COUNT = 64, SIGSTOP = 19 };
enum { SIG_BLOCK = 0, SIG_UNBLOCK = 1, SIG_SETMASK = 2 };
enum { CLOCK_REALTIME = 0, CLOCK_MONOTONIC = 1, CLOCK_BOOTTIME = 7 };

struct action {
    unsigned long handler, flags, restorer, mask;
};

/* SA_NOCLDSTOP, _NOCLDWAIT, _SIGINFO, _EXPOSE_TAGBITS, _RESTORER, _ONSTACK, _RESTART, _NODEFER and
 * _RESETHAND: Linux drops others. */
#define SA_KNOWN 0xdc000807ul
