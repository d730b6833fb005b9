#include "attempt/attempt_console.h"
#include "attempt/attempt_result.h"
#include "attempt/attempt_stream.h"
#include <errno.h>
#include <glib-unix.h>
#include <unistd.h>

/* Bytes of one read: the pipe holds 1 MiB, and other guests wait meanwhile. */
#define READ_BYTES (256 * 1024)
/* The PL011 moves at most 2 MB/s: about 1,000 bytes in this time. */
#define CONSOLE_PAUSE_US 500

void attempt_console_drain(AttemptState *attempt) {
    guint8 buffer[4096];
    ssize_t got;
    for (gsize all = 0; attempt->console_source && all < GUEST_CONSOLE_BYTES; all += (gsize)got) {
        if ((got = read(attempt->guest->console_fd, buffer, sizeof buffer)) <= 0) return;
        attempt_stream_feed(attempt, buffer, (gsize)got);
    }
}

/*
 * Reads the pending console bytes. QEMU writes byte by byte and would wake us for every few bytes,
 * so after a read the pipe rests for a moment, which its size allows; but not after a kernel line
 * whose time is measured.
 */
gboolean attempt_console_ready(gpointer data) {
    AttemptState *attempt = data;
    guint8 buffer[READ_BYTES];
    attempt->timed_line = FALSE;
    ssize_t got = read(attempt->guest->console_fd, buffer, sizeof buffer);
    if (got > 0) attempt_stream_feed(attempt, buffer, (gsize)got);
    if (got > 0 || (got < 0 && (errno == EAGAIN || errno == EINTR))) {
        gboolean pause = got > 0 && !attempt->timed_line;
        g_source_modify_unix_fd(attempt->console_source, attempt->console_tag, pause ? 0 : G_IO_IN);
        g_source_set_ready_time(attempt->console_source,
                                pause ? g_get_monotonic_time() + CONSOLE_PAUSE_US : -1);
        return G_SOURCE_CONTINUE;
    }
    attempt_append(attempt, &(Event){.kind = EVENT_EOF, .number = (gint64)attempt->console_bytes});
    attempt->console_ended = TRUE;
    attempt_drop_source(&attempt->console_source);
    attempt_finish_when_ended(attempt);
    return G_SOURCE_REMOVE;
}
