/*
 * An attempt that can be repeated to the instruction: QEMU's record/replay (docs/devel/replay), the
 * files it needs besides the log, and a script that replays it.
 */
#pragma once
#include "guest/guest.h"

/* The strings that a GuestConfig points to. */
typedef struct {
    char *log, *archive;
} Replay;

/*
 * Makes `config` record. `script` is the path FILE.replay; FILE.rr, QEMU's log, and FILE.cpio, the
 * archive in `archive_fd` (-1: the guest has none), are written beside it. A case with drives,
 * which last as long as the attempt, is refused. The result must live until the guest has been
 * started. NULL and *error.
 */
Replay *replay_prepare(GuestConfig *config, const char *script, int archive_fd, GError **error);
/* Removes the script and its files. */
void replay_discard(const char *script);
void replay_free(Replay *replay);

G_DEFINE_AUTOPTR_CLEANUP_FUNC(Replay, replay_free)
