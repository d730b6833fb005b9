/*
 * fault KIND: does one thing that must end a process, and exits 1 if it did not.
 *   null-read null-write null-call low-read text-write const-write data-jump stack-jump
 *   kernel-read kernel-write device-read high-read guard-write undefined breakpoint
 *   misaligned-sp misaligned-pc privileged brk-beyond brk-shrunk
 */
#include "lib.h"

/* asm.S */
void fault_undefined(void);
void fault_breakpoint(void);
void fault_misaligned_sp(void);
void fault_privileged(void);

static const int constants[2] = {1, 2};
static volatile int data[4] = {(int)0xd65f03c0}; /* ret */

static void read_at(unsigned long address) { (void)*(volatile int *)address; }

static void write_at(unsigned long address) { *(volatile int *)address = 1; }

static void call(unsigned long address) { ((void (*)(void))address)(); }

/* The page was there a moment ago. */
static void shrink_and_write(void) {
    long end = syscall(SYS_BRK, 0);
    syscall(SYS_BRK, end + 0x3000);
    write_at((unsigned long)end + 0x2000);
    syscall(SYS_BRK, end);
    write_at((unsigned long)end + 0x2000);
}

static void fault(const char *kind) {
    volatile int local = (int)0xd65f03c0;
    if (same(kind, "null-read"))
        read_at(0);
    else if (same(kind, "null-write"))
        write_at(0);
    else if (same(kind, "null-call"))
        call(0);
    else if (same(kind, "low-read"))
        read_at(0x1ffffc);
    else if (same(kind, "text-write"))
        write_at((unsigned long)main);
    else if (same(kind, "const-write"))
        write_at((unsigned long)constants);
    else if (same(kind, "data-jump"))
        call((unsigned long)data);
    else if (same(kind, "stack-jump"))
        call((unsigned long)&local);
    else if (same(kind, "kernel-read"))
        read_at(0x40080000);
    else if (same(kind, "kernel-write"))
        write_at(0x40100000);
    else if (same(kind, "device-read"))
        read_at(0x4009000000);
    else if (same(kind, "high-read"))
        read_at(0xffff000000000000);
    else if (same(kind, "guard-write"))
        write_at(0x3efffffc);
    else if (same(kind, "undefined"))
        fault_undefined();
    else if (same(kind, "breakpoint"))
        fault_breakpoint();
    else if (same(kind, "misaligned-sp"))
        fault_misaligned_sp();
    else if (same(kind, "misaligned-pc"))
        call((unsigned long)main + 2);
    else if (same(kind, "privileged"))
        fault_privileged();
    else if (same(kind, "brk-beyond"))
        write_at((unsigned long)syscall(SYS_BRK, 0) + 0x1000);
    else if (same(kind, "brk-shrunk"))
        shrink_and_write();
    else
        print("fault: unknown kind\n");
}

int main(int argc, char **argv) {
    fault(argc > 1 ? argv[1] : "null-read");
    print("fault: still alive\n");
    return 1;
}
