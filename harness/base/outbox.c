#include "base/outbox.h"
#include "base/error.h"
#include <errno.h>
#include <glib-unix.h>
#include <unistd.h>

void outbox_init(Outbox *outbox, int fd) {
    *outbox = (Outbox){.fd = fd, .left = g_byte_array_new()};
}

static void stop_waiting(Outbox *outbox) {
    if (!outbox->source) return;
    g_source_destroy(outbox->source);
    g_clear_pointer(&outbox->source, g_source_unref);
}

void outbox_clear(Outbox *outbox) {
    stop_waiting(outbox);
    g_clear_pointer(&outbox->left, g_byte_array_unref);
}

/* Writes what the descriptor takes; returns an errno, 0 when it takes no more or nothing is left.
 */
static int write_some(Outbox *outbox) {
    gsize at = 0;
    int code = 0;
    while (at < outbox->left->len && code == 0) {
        ssize_t done = write(outbox->fd, outbox->left->data + at, outbox->left->len - at);
        if (done >= 0)
            at += (gsize)done;
        else if (errno != EINTR)
            code = errno;
    }
    g_byte_array_remove_range(outbox->left, 0, (guint)at);
    if (code == EPIPE || code == ECONNRESET) {
        g_byte_array_set_size(outbox->left, 0);
        code = 0;
    }
    return code == EAGAIN ? 0 : code;
}

/* A later failure means that the other side closed, which its own end reports. */
static gboolean on_ready(int fd, GIOCondition condition, gpointer data) {
    (void)fd;
    (void)condition;
    Outbox *outbox = data;
    if (write_some(outbox) != 0) g_byte_array_set_size(outbox->left, 0);
    if (outbox->left->len > 0) return G_SOURCE_CONTINUE;
    stop_waiting(outbox);
    return G_SOURCE_REMOVE;
}

gboolean outbox_add(Outbox *outbox, const void *data, gsize size, GError **error) {
    g_byte_array_append(outbox->left, data, (guint)size);
    if (outbox->source) return TRUE;
    int code = write_some(outbox);
    if (code != 0) return error_set_errno(error, code, "write");
    if (outbox->left->len == 0) return TRUE;
    outbox->source = g_unix_fd_source_new(outbox->fd, G_IO_OUT | G_IO_HUP | G_IO_ERR);
    g_source_set_callback(outbox->source, G_SOURCE_FUNC(on_ready), outbox, NULL);
    g_source_attach(outbox->source, NULL);
    return TRUE;
}
