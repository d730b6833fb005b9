#include "spawns.h"

/* Ticks to nanoseconds without overflow for any counter below 10 GHz and any run below years. */
static gint64 ticks_ns(guint64 ticks, guint64 freq_hz)
{
    if (freq_hz == 0)
        return 0;
    return (gint64)(ticks / freq_hz * 1000000000 + ticks % freq_hz * 1000000000 / freq_hz);
}

GArray *spawns_from_log(const EventLog *log)
{
    GArray *spawns = g_array_new(FALSE, TRUE, sizeof(Spawn));
    /* A child runs to its end before its parent goes on, so those that run are a stack: here
     * the indices of their SPAWN events and of their entries. */
    typedef struct {
        guint event, spawn;
    } Open;
    g_autoptr(GArray) stack = g_array_new(FALSE, FALSE, sizeof(Open));
    guint64 freq_hz = 0;
    for (guint i = 0; i < log->events->len; i++) {
        const Event *event = event_log_get(log, i);
        const Frame *frame = &event->frame;
        if (event->kind != EVENT_FRAME)
            continue;
        if (frame->kind == FRAME_BOOT)
            freq_hz = frame->boot.freq_hz;
        if (frame->kind == FRAME_SPAWN) {
            Spawn spawn = {.pid = frame->spawn.pid,
                           .ppid = frame->spawn.ppid,
                           .path = frame->spawn.path,
                           .argv = frame->spawn.argv,
                           .start_ns = event->time_ns,
                           .host_ns = -1,
                           .guest_ns = -1};
            Open open = {i, spawns->len};
            g_array_append_val(spawns, spawn);
            g_array_append_val(stack, open);
        }
        if (frame->kind == FRAME_EXIT && stack->len > 0) {
            Open open = g_array_index(stack, Open, stack->len - 1);
            Spawn *spawn = &g_array_index(spawns, Spawn, open.spawn);
            const Frame *begin = &event_log_get(log, open.event)->frame;
            /* An EXIT of a fault is printed even where no SPAWN line is asked for. */
            if (spawn->pid != frame->exit.pid)
                continue;
            spawn->host_ns = event->time_ns - spawn->start_ns;
            spawn->guest_ns = ticks_ns(frame->exit.ticks - begin->spawn.ticks, freq_hz);
            spawn->status = frame->exit.status;
            spawn->signal = frame->exit.signal;
            g_array_set_size(stack, stack->len - 1);
        }
    }
    return spawns;
}
