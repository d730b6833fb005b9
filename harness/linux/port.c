#include "port.h"
#include "machine.h"

static char pending[65536];
static u64 pending_size;
static char last = '\n';

void console_flush(void) {
    u64 done = 0;
    while (done < pending_size) {
        long written = syscall(SYS_WRITE, 1, pending + done, pending_size - done);
        /* The console is all there is to tell of it; the harness sees that nothing comes. */
        if (written < 0 && written != -EINTR) break;
        done += written > 0 ? (u64)written : 0;
    }
    pending_size = 0;
}

void console_write(const void *bytes, u64 size) {
    const char *from = bytes;
    for (u64 done = 0; done < size;) {
        u64 piece = sizeof pending - pending_size;
        if (piece > size - done) piece = size - done;
        memcpy(pending + pending_size, from + done, piece);
        pending_size += piece;
        done += piece;
        last = from[done - 1];
        if (pending_size == sizeof pending) console_flush();
    }
}

u32 console_fresh_line(void) {
    if (last == '\n') return 0;
    console_write("\n", 1);
    return 1;
}

u64 counter_ticks(void) { return ticks(); }

void power_off(void) {
    /* linux/reboot.h */
    enum { MAGIC_1 = (int)0xfee1dead, MAGIC_2 = 0x28121969, POWER_OFF = 0x4321fedc };
    console_flush();
    syscall(SYS_REBOOT, MAGIC_1, MAGIC_2, POWER_OFF, 0);
    for (;;)
        syscall(SYS_PPOLL, 0, 0, 0, 0, 0);
}

void give_up(const char *reason, const char *subject, long result) {
    report_begin("PANIC linux init: ");
    report_text(reason);
    if (*subject) {
        report_text(": ");
        report_text(subject);
    }
    if (result < 0) report_decimal("errno", (u64)-result);
    report_end();
    power_off();
}
