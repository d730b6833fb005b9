#include "attempt/spawns.h"
#include "base/text.h"
#include <string.h>

/* Ticks to nanoseconds without overflow; -1 for more than a century and for a counter that went
 * backwards. */
static gint64 ticks_ns(guint64 from, guint64 to, guint64 freq_hz) {
    const guint64 second_ns = 1000000000, longest_s = G_MAXINT64 / second_ns / 3;
    guint64 ticks = to - from;
    if (freq_hz == 0 || freq_hz > G_MAXUINT64 / second_ns || to < from ||
        ticks / freq_hz > longest_s)
        return -1;
    return (gint64)(ticks / freq_hz * second_ns + ticks % freq_hz * second_ns / freq_hz);
}

void spawns_init(Spawns *spawns) {
    spawns->all = g_array_new(FALSE, TRUE, sizeof(Spawn));
    spawns->running = g_array_new(FALSE, FALSE, sizeof(guint));
    spawns->freq_hz = 0;
}

void spawns_clear(Spawns *spawns) {
    g_clear_pointer(&spawns->all, g_array_unref);
    g_clear_pointer(&spawns->running, g_array_unref);
}

static gssize begin_spawn(Spawns *spawns, const Event *event) {
    const KernelLine *kernel_line = &event->kernel_line;
    guint index = spawns->all->len;
    Spawn spawn = {.pid = kernel_line->spawn.pid,
                   .ppid = kernel_line->spawn.ppid,
                   .path = kernel_line->spawn.path,
                   .argv = kernel_line->spawn.argv,
                   .start_ticks = kernel_line->spawn.ticks,
                   .start_ns = event->time_ns,
                   .host_ns = -1,
                   .guest_ns = -1};
    g_array_append_val(spawns->all, spawn);
    g_array_append_val(spawns->running, index);
    return (gssize)index;
}

/* A child ends before its parent continues, so running programs form a stack. */
static gssize end_spawn(Spawns *spawns, const Event *event) {
    if (spawns->running->len == 0) return -1;
    guint index = g_array_index(spawns->running, guint, spawns->running->len - 1);
    Spawn *spawn = &g_array_index(spawns->all, Spawn, index);
    const KernelLine *kernel_line = &event->kernel_line;
    /* A fault prints an EXIT line even when SPAWN lines are off. */
    if (spawn->pid != kernel_line->exit.pid) return -1;
    spawn->host_ns = event->time_ns - spawn->start_ns;
    spawn->guest_ns = ticks_ns(spawn->start_ticks, kernel_line->exit.ticks, spawns->freq_hz);
    spawn->status = kernel_line->exit.status;
    spawn->signal = kernel_line->exit.signal;
    g_array_set_size(spawns->running, spawns->running->len - 1);
    return (gssize)index;
}

gssize spawns_push(Spawns *spawns, const Event *event) {
    if (event->kind != EVENT_LINE) return -1;
    if (event->kernel_line.kind == LINE_BOOT) spawns->freq_hz = event->kernel_line.boot.freq_hz;
    if (event->kernel_line.kind == LINE_SPAWN) return begin_spawn(spawns, event);
    return event->kernel_line.kind == LINE_EXIT ? end_spawn(spawns, event) : -1;
}

GArray *spawns_from_log(const EventLog *log) {
    Spawns spawns;
    spawns_init(&spawns);
    for (guint i = 0; i < log->events->len; i++)
        spawns_push(&spawns, event_log_get(log, i));
    GArray *all = g_array_ref(spawns.all);
    spawns_clear(&spawns);
    return all;
}

GStrv spawns_decode_argv(const char *argv) {
    GStrv words = g_strsplit(argv, ",", -1);
    for (char **word = words; *word; word++) {
        g_autofree char *raw = *word;
        /* An argument that cannot be decoded is shown as it is. */
        g_autofree char *decoded = kernel_line_decode(raw, strlen(raw));
        const char *bytes = decoded ? decoded : raw;
        *word = text_from_bytes(bytes, strlen(bytes));
    }
    return words;
}
