#include "shutdown.h"
#include "dump.h"
#include "frames.h"
#include "heap.h"
#include "line.h"
#include "machine.h"
#include "tmpfs.h"
#include "transfer.h"

static enum psci_conduit psci;
static int dump_files;

void shutdown_by(enum psci_conduit method) { psci = method; }

void shutdown_dumps_files(void) { dump_files = 1; }

static void power_off(void) {
    enum { PSCI_SYSTEM_OFF = 0x84000008 };
    if (psci == PSCI_HVC)
        psci_hvc(PSCI_SYSTEM_OFF);
    else if (psci == PSCI_SMC)
        psci_smc(PSCI_SYSTEM_OFF);
    cpu_halt();
}

void shutdown_end(u32 status) {
    u64 files = tmpfs_count();
    const char *error = transfer_out();
    if (error) panic(error, NO_VALUE);
    if (dump_files) dump_all();
    tmpfs_free_all();
    line_begin("END");
    line_decimal("status", status);
    line_decimal("files", files);
    line_decimal("leaked-pages", frames_used() - heap_spare_pages());
    line_end_ticks();
    power_off();
}

void shutdown_abandon(void) {
    const char *error = transfer_out();
    if (error) {
        line_begin("LOST ");
        line_text(error);
        line_end();
    }
    power_off();
}
