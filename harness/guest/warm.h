/*
 * QEMUs of the seed kernel that are reset between cases instead of started anew. Guest memory is a
 * file in memory that QEMU and the harness share. Before each case QEMU resets the machine; then
 * warm_load makes memory what it is at the start of a new QEMU, with the archive and the boot
 * arguments of the case, and the guest may run. When it powers off, QEMU stands still.
 *
 * A QEMU is sent nothing while its guest runs: a command that comes while the guest powers off
 * stops some QEMUs for ever (7.2, monitor_cleanup).
 */
#pragma once
#include "guest/guest.h"
#include "guest/qmp.h"

typedef struct _WarmPool WarmPool;
typedef struct _Warm Warm;

/* Ids of the commands that reset a QEMU, the first to the last. */
enum { WARM_QMP_FIRST = 1000, WARM_QMP_LAST = 1003 };

WarmPool *warm_pool_new(void);

/* Ends all its QEMUs, which no attempt uses any more. */
void warm_pool_free(WarmPool *pool);

/*
 * A QEMU for the guest of `config`, which has an archive in initrd_fd or seed_in_fd: one that has
 * run others of the same kernel, machine and memory, or a new one. It has been told to reset
 * itself, and sends the event RESET when it has. NULL without *error if this guest needs a QEMU of
 * its own, and with it if QEMU cannot be started.
 */
Warm *warm_take(WarmPool *pool, const GuestConfig *config, GError **error);

/* Owned by the QEMU, as is the stream of messages. */
Guest *warm_guest(const Warm *warm);
Qmp *warm_qmp(const Warm *warm);

/* The number of cases that ran on it before this one. */
guint warm_cases(const Warm *warm);

/* The disk seed-out, as large as guest memory, or -1. The caller closes it. */
int warm_seed_out(const Warm *warm);

/*
 * After RESET: makes guest memory that of a new machine with the archive of the case. FALSE and
 * *error (HARNESS_ERROR_QEMU) if this QEMU cannot be used, as when the kernel's text has changed.
 */
gboolean warm_load(Warm *warm, GError **error);

/* The guest has powered off and QEMU stands still: another case may use it. */
void warm_give(WarmPool *pool, Warm *warm);

/* Ends QEMU. */
void warm_free(Warm *warm);

/* Guest memory, warm_memory_bytes long, to compare. */
const guint8 *warm_memory(const Warm *warm);
gsize warm_memory_bytes(const Warm *warm);

G_DEFINE_AUTOPTR_CLEANUP_FUNC(WarmPool, warm_pool_free)
G_DEFINE_AUTOPTR_CLEANUP_FUNC(Warm, warm_free)
