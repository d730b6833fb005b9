#include "syscall.h"
#include "error.h"
#include "process.h"
#include "report.h"
#include "spawn.h"

/* include/uapi/asm-generic/unistd.h, and spawn, which is this kernel's own. */
enum {
    NR_UNLINKAT = 35,
    NR_OPENAT = 56,
    NR_CLOSE = 57,
    NR_LSEEK = 62,
    NR_READ = 63,
    NR_WRITE = 64,
    NR_EXIT = 93,
    NR_EXIT_GROUP = 94,
    NR_WAITID = 95,
    NR_BRK = 214,
    NR_SPAWN = 1024
};

/* A program asks for a handful of calls that are not there; if one asks for more numbers than this,
 * every further call is reported. */
enum { REPORTED_MAX = 64 };

static i64 unknown_call(u32 number)
{
    static u32 reported[REPORTED_MAX], count;
    u32 i;
    for (i = 0; i < count; i++)
        if (reported[i] == number)
            return -ENOSYS;
    if (count < REPORTED_MAX)
        reported[count++] = number;
    report_begin("ENOSYS");
    report_decimal("nr", number);
    report_decimal("pid", current->pid);
    report_end();
    return -ENOSYS;
}

/* Does the call; *done is cleared when the registers to go on with have no result to take. */
static i64 call(const u64 *x, int *returns)
{
    switch ((u32)x[8]) {
    case NR_READ:
        return sys_read(x);
    case NR_WRITE:
        return sys_write(x);
    case NR_OPENAT:
        return sys_openat(x);
    case NR_CLOSE:
        return sys_close(x);
    case NR_LSEEK:
        return sys_lseek(x);
    case NR_BRK:
        return (i64)space_brk(&current->space, x[0]);
    case NR_UNLINKAT:
        return sys_unlinkat(x);
    case NR_WAITID:
        return sys_waitid(x);
    case NR_SPAWN: {
        i64 error = sys_spawn(x);
        *returns = error != 0;
        return error;
    }
    case NR_EXIT:
    case NR_EXIT_GROUP:
        process_exit(x[0] & 0xff);
        *returns = 0;
        return 0;
    default:
        return unknown_call((u32)x[8]);
    }
}

struct context *syscall_dispatch(struct context *context)
{
    int returns = 1;
    i64 result = call(context->x, &returns);
    if (returns)
        context->x[0] = (u64)result;
    return &current->context;
}
