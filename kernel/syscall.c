#include "syscall.h"
#include "abi/errno.h"
#include "abi/syscalls.h"
#include "line.h"
#include "process.h"
#include "spawn.h"

enum { UNKNOWN_MAX = 2048 };

static i64 sys_brk(const u64 *x) {
    return (i64)(x[0] ? space_brk(&current->space, x[0]) : current->space.brk); /* brk(0) asks */
}

static i64 sys_exit(const u64 *x) {
    process_exit(x[0] & 0xff);
    return 0;
}

#define SYSTEM_CALL_ENTRY(name, number, function) [number] = function,
static i64 (*const calls[])(const u64 *x) = {SYSTEM_CALLS(SYSTEM_CALL_ENTRY)};
#undef SYSTEM_CALL_ENTRY

/* Each number below the bound, which is beyond all of Linux's and spawn, is reported once, and
 * those from there on together once: no program can flood the console. */
static i64 unknown_call(u32 number) {
    static u8 reported[UNKNOWN_MAX + 1];
    u8 *seen = &reported[number < UNKNOWN_MAX ? number : UNKNOWN_MAX];
    if (*seen) return -ENOSYS;
    *seen = 1;
    line_begin("ENOSYS");
    line_decimal("nr", number);
    line_decimal("pid", current->pid);
    line_end();
    return -ENOSYS;
}

struct context *syscall_dispatch(struct context *context) {
    const struct process *caller = current;
    u32 number = (u32)context->x[8];
    i64 (*call)(const u64 *x) = number < sizeof calls / sizeof *calls ? calls[number] : NULL;
    i64 result = call ? call(context->x) : unknown_call(number);
    /* After spawn a child runs, after exit the parent, whose result is there already. */
    if (current == caller) context->x[0] = (u64)result;
    return &current->context;
}
