#include "trap.h"
#include "abi/errno.h"
#include "machine.h"
#include "process.h"
#include "touch.h"

/* ESR_EL1.EC: Arm ARM, D13.2.37. */
enum { CLASS_WFX = 0x01, CLASS_INSTRUCTION_ABORT = 0x20 };
enum { CLASS_PC_ALIGNMENT = 0x22, CLASS_DATA_ABORT = 0x24, CLASS_SP_ALIGNMENT = 0x26 };
enum { CLASS_FP = 0x2c, CLASS_BRK = 0x3c };
/* ESR_EL1.ISS of aborts. Status codes up to 0xf: address size, translation, access flag,
 * permission; above are alignment and trouble with the memory itself. */
enum { ISS_WRITE = 1 << 6, ISS_CACHE = 1 << 8, ISS_STATUS = 0x3f, STATUS_ADDRESS_LAST = 0x0f };

/* The signal for an abort, or 0 if the access goes on. */
static u32 abort_signal(u64 esr, u64 far, enum access access) {
    if ((esr & ISS_STATUS) > STATUS_ADDRESS_LAST) return SIGBUS;
    int error = touch_page(&current->space, far, access);
    if (error == -ENOMEM) return SIGKILL; /* as Linux's out-of-memory killer */
    if (error == -EIO) return SIGBUS;
    return error ? SIGSEGV : 0;
}

/* The signal for an exception, or 0. */
static u32 signal_for(u64 esr, u64 far) {
    switch (esr >> 26) {
    case CLASS_DATA_ABORT:
        return abort_signal(esr, far,
                            (esr & ISS_WRITE) && !(esr & ISS_CACHE) ? ACCESS_WRITE : ACCESS_READ);
    case CLASS_INSTRUCTION_ABORT: return abort_signal(esr, far, ACCESS_EXECUTE);
    case CLASS_WFX: /* a hint, and waiting for an interrupt would last for ever */
        trap_pc_set(trap_pc() + 4);
        return 0;
    case CLASS_PC_ALIGNMENT:
    case CLASS_SP_ALIGNMENT: return SIGBUS;
    case CLASS_FP: return SIGFPE;
    case CLASS_BRK: return SIGTRAP;
    default: return SIGILL;
    }
}

struct context *trap_user(struct context *context, u64 esr, u64 far) {
    u32 signal = signal_for(esr, far);
    if (signal == 0) return context;
    process_kill(signal, esr, far);
    return &current->context;
}
