#include "syscall.h"
#include "error.h"
#include "process.h"
#include "report.h"
#include "spawn.h"

/* include/uapi/asm-generic/unistd.h, and spawn, which is this kernel's own. */
enum { NR_UNLINKAT = 35, NR_OPENAT = 56, NR_CLOSE = 57, NR_LSEEK = 62, NR_READ = 63 };
enum { NR_WRITE = 64, NR_EXIT = 93, NR_EXIT_GROUP = 94, NR_WAITID = 95, NR_BRK = 214 };
enum { NR_SPAWN = 1024, UNKNOWN_MAX = 2048 };

/* Each number below the bound, which is beyond all of Linux's and spawn, is reported once, and
 * those from there on together once: no program can flood the console. */
static i64 unknown_call(u32 number) {
    static u8 reported[UNKNOWN_MAX + 1];
    u8 *seen = &reported[number < UNKNOWN_MAX ? number : UNKNOWN_MAX];
    if (*seen) return -ENOSYS;
    *seen = 1;
    report_begin("ENOSYS");
    report_decimal("nr", number);
    report_decimal("pid", current->pid);
    report_end();
    return -ENOSYS;
}

struct context *syscall_dispatch(struct context *context) {
    const u64 *x = context->x;
    i64 result;
    switch ((u32)x[8]) {
    case NR_READ: result = sys_read(x); break;
    case NR_WRITE: result = sys_write(x); break;
    case NR_OPENAT: result = sys_openat(x); break;
    case NR_CLOSE: result = sys_close(x); break;
    case NR_LSEEK: result = sys_lseek(x); break;
    case NR_BRK: result = (i64)space_brk(&current->space, x[0]); break;
    case NR_UNLINKAT: result = sys_unlinkat(x); break;
    case NR_WAITID: result = sys_waitid(x); break;
    case NR_SPAWN:
        result = sys_spawn(x);
        if (result == 0) return &current->context; /* the child's; the result comes when it ends */
        break;
    case NR_EXIT:
    case NR_EXIT_GROUP: process_exit(x[0] & 0xff); return &current->context; /* the parent's */
    default: result = unknown_call((u32)x[8]);
    }
    context->x[0] = (u64)result;
    return context;
}
