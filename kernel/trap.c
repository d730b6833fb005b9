#include "trap.h"
#include "error.h"
#include "machine.h"
#include "process.h"

/* ESR_EL1.EC: Arm ARM, D13.2.37. */
enum {
    CLASS_UNKNOWN = 0x00,
    CLASS_WFX = 0x01,
    CLASS_INSTRUCTION_ABORT = 0x20,
    CLASS_PC_ALIGNMENT = 0x22,
    CLASS_DATA_ABORT = 0x24,
    CLASS_SP_ALIGNMENT = 0x26,
    CLASS_FP = 0x2c,
    CLASS_DEBUG_FIRST = 0x30,
    CLASS_BRK = 0x3c
};
/* ESR_EL1.ISS of aborts */
#define ISS_WRITE        (1ul << 6)
#define ISS_CACHE        (1ul << 8)
#define ISS_STATUS       0x3ful
#define STATUS_ADDRESS   0x00ul /* address size, translation, access flag, permission: 0 to 0xf */
#define STATUS_ADDRESSES 0x0ful

/* The signal for an abort, or 0 if the access goes on. */
static u32 abort_signal(u64 esr, u64 far, enum access access)
{
    if ((esr & ISS_STATUS) > STATUS_ADDRESSES)
        return SIGBUS; /* alignment, or the memory itself */
    switch (space_touch(&current->space, far, access)) {
    case 0:
        return 0;
    case -ENOMEM:
        return SIGKILL; /* as Linux's out-of-memory killer */
    default:
        return SIGSEGV;
    }
}

struct context *trap_user(struct context *context, u64 esr, u64 far)
{
    u64 class = esr >> 26;
    u32 signal = SIGILL;
    (void)context;
    if (class == CLASS_DATA_ABORT) {
        int writes = (esr & ISS_WRITE) && !(esr & ISS_CACHE);
        signal = abort_signal(esr, far, writes ? ACCESS_WRITE : ACCESS_READ);
    } else if (class == CLASS_INSTRUCTION_ABORT) {
        signal = abort_signal(esr, far, ACCESS_EXECUTE);
    } else if (class == CLASS_WFX) {
        /* A hint; waiting for an interrupt would last for ever. */
        trap_pc_set(trap_pc() + 4);
        signal = 0;
    } else if (class == CLASS_PC_ALIGNMENT || class == CLASS_SP_ALIGNMENT) {
        signal = SIGBUS;
    } else if (class == CLASS_FP) {
        signal = SIGFPE;
    } else if (class >= CLASS_DEBUG_FIRST && class <= CLASS_BRK) {
        signal = SIGTRAP;
    }
    if (signal)
        process_kill(signal, esr, far);
    return &current->context;
}
