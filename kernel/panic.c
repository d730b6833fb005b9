/* The end of a run that cannot go on: registers, return addresses, reason. */
#include "line.h"
#include "machine.h"
#include "shutdown.h"

/* Called by machine.S on the panic stack. */
void panic_report(const char *reason, u64 value, const struct context *registers);
void panic_exception(u64 slot, u64 esr, u64 far, const struct context *registers);

/* Longer chains than this are a loop. */
enum { FRAMES_MAX = 32 };

static int panicking;

/* Return addresses from the chain of frame records (Procedure Call Standard, 6.4.6), as long as
 * it stays in the kernel's stack and goes up. */
static void print_backtrace(const struct context *registers) {
    u64 low = (u64)stack_guard + PAGE_SIZE, high = low + KERNEL_STACK_SIZE, record;
    u32 n;
    line_begin("BACKTRACE");
    line_hex("pc", registers->elr);
    record = registers->x[29];
    for (n = 0; n < FRAMES_MAX; n++) {
        if (record < low || record > high - 16 || record % 16) break;
        low = record + 16;
        line_hex("lr", ((const u64 *)record)[1]);
        record = ((const u64 *)record)[0];
    }
    line_end();
}

static void print_registers(const struct context *registers) {
    char name[4] = "x";
    u32 n;
    line_begin("REGISTERS");
    line_hex("pc", registers->elr);
    line_hex("sp", registers->sp);
    line_hex("pstate", registers->spsr);
    for (n = 0; n < 31; n++) {
        name[1] = (char)(n < 10 ? '0' + n : '0' + n / 10);
        name[2] = (char)(n < 10 ? 0 : '0' + n % 10);
        line_hex(name, registers->x[n]);
    }
    line_end();
}

/* The second panic does not print what led to it, the third not even itself: it may be the console
 * that faults. */
static void begin(const struct context *registers) {
    if (panicking++) {
        if (panicking == 2) {
            line_begin("PANIC in a panic");
            line_end();
        }
        shutdown_abandon();
    }
    print_registers(registers);
    print_backtrace(registers);
    line_begin("PANIC ");
}

void panic_report(const char *reason, u64 value, const struct context *registers) {
    begin(registers);
    line_text(reason);
    if (value != NO_VALUE) line_hex("at", value);
    line_end();
    shutdown_abandon();
}

void panic_exception(u64 slot, u64 esr, u64 far, const struct context *registers) {
    begin(registers);
    line_text("exception in the kernel");
    line_decimal("vector", slot);
    line_hex("esr", esr);
    line_hex("elr", registers->elr);
    line_hex("far", far);
    line_end();
    shutdown_abandon();
}
