/* Host test of trap.c: the signal for each class of exception (Arm ARM, D13.2.37), also for those
 * that QEMU's TCG never raises: it does not check the alignment of SP. */
#include "abi/errno.h"
#include "machine.h"
#include "process.h"
#include "touch.h"
#include "trap.h"

#include <stdio.h>

/* What trap.c asks of the kernel, with what it was asked. */
static struct process running;
struct process *current = &running;
static int touch_result;
static u32 killed_by, touched_for;
static u64 pc, touched;

int touch_page(struct space *space, uaddr address, enum access access) {
    (void)space;
    touched = address;
    touched_for = access;
    return touch_result;
}

void process_kill(u32 signal, u64 esr, u64 far) {
    (void)esr;
    (void)far;
    killed_by = signal;
}

u64 trap_pc(void) { return pc; }

void trap_pc_set(u64 to) { pc = to; }

static int results, failures;

static void ok(int good, const char *name) {
    printf("%sok %d - %s\n", good ? "" : "not ", ++results, name);
    failures += !good;
}

/* The signal for an exception of this class and syndrome at an address, where the first touch of a
 * page ends so; 0 if the process goes on. */
static u32 signal_of(u32 class, u32 iss, int touch) {
    killed_by = 0;
    touched = 0;
    touch_result = touch;
    trap_user(&running.context, (u64) class << 26 | 1 << 25 | iss, 0x601234);
    return killed_by;
}

int main(void) {
    enum {
        WFX = 0x01,
        SVE = 0x19,
        FETCH = 0x20,
        PC = 0x22,
        DATA = 0x24,
        SP = 0x26,
        FP = 0x2c,
        BRK = 0x3c
    };
    enum {
        WRITE = 1 << 6,
        CACHE = 1 << 8,
        TRANSLATION = 7,
        PERMISSION = 0xf,
        ALIGNMENT = 0x21,
        EXTERNAL = 0x10
    };

    ok(signal_of(SP, 0, 0) == SIGBUS && !touched,
       "a misaligned SP is SIGBUS, and no page is touched");
    ok(signal_of(PC, 0, 0) == SIGBUS, "a misaligned PC is SIGBUS");
    ok(signal_of(FP, 0, 0) == SIGFPE, "a trapped FP exception is SIGFPE");
    ok(signal_of(BRK, 0, 0) == SIGTRAP, "brk is SIGTRAP");
    ok(signal_of(0, 0, 0) == SIGILL && signal_of(SVE, 0, 0) == SIGILL, "what is unknown is SIGILL");

    pc = 0x600000;
    ok(signal_of(WFX, 0, 0) == 0 && pc == 0x600004, "wfi is passed over");

    ok(signal_of(DATA, TRANSLATION, 0) == 0 && touched == 0x601234 && touched_for == ACCESS_READ,
       "a load touches its page");
    ok(signal_of(DATA, TRANSLATION | WRITE, 0) == 0 && touched_for == ACCESS_WRITE,
       "a store, to write");
    ok(signal_of(DATA, TRANSLATION | WRITE | CACHE, 0) == 0 && touched_for == ACCESS_READ,
       "cache upkeep, to read");
    ok(signal_of(FETCH, PERMISSION, 0) == 0 && touched_for == ACCESS_EXECUTE,
       "a fetch, to execute");
    ok(signal_of(DATA, PERMISSION | WRITE, -EFAULT) == SIGSEGV &&
           signal_of(FETCH, TRANSLATION, -EFAULT) == SIGSEGV,
       "no such access is SIGSEGV");
    ok(signal_of(DATA, TRANSLATION, -ENOMEM) == SIGKILL, "no memory is SIGKILL");
    ok(signal_of(DATA, ALIGNMENT, 0) == SIGBUS && signal_of(DATA, EXTERNAL, 0) == SIGBUS &&
           !touched,
       "an abort of alignment or of the memory itself is SIGBUS, and no page is touched");
    printf("1..%d\n", results);
    return failures != 0;
}
