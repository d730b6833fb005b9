#include "attempt/event.h"
#include "base/clock.h"
#include <string.h>

EventLog *event_log_new(void) {
    EventLog *log = g_new0(EventLog, 1);
    log->events = g_array_new(FALSE, TRUE, sizeof(Event));
    log->strings = g_string_chunk_new(4096);
    return log;
}

void event_log_free(EventLog *log) {
    g_array_unref(log->events);
    g_string_chunk_free(log->strings);
    g_free(log);
}

Event *event_log_add(EventLog *log, EventKind kind) {
    g_array_set_size(log->events, log->events->len + 1);
    Event *event = &g_array_index(log->events, Event, log->events->len - 1);
    event->kind = kind;
    event->time_ns = clock_now_ns();
    return event;
}

Event *event_log_add_text(EventLog *log, EventKind kind, const char *text) {
    Event *event = event_log_add(log, kind);
    event->text = g_string_chunk_insert_const(log->strings, text);
    return event;
}

const Event *event_log_get(const EventLog *log, guint index) {
    return &g_array_index(log->events, Event, index);
}

const Event *event_log_find(const EventLog *log, EventKind kind) {
    for (guint i = 0; i < log->events->len; i++)
        if (event_log_get(log, i)->kind == kind) return event_log_get(log, i);
    return NULL;
}

const Event *event_log_find_line(const EventLog *log, KernelLineKind kind) {
    for (guint i = log->events->len; i > 0; i--) {
        const Event *event = event_log_get(log, i - 1);
        if (event->kind == EVENT_LINE && event->kernel_line.kind == kind) return event;
    }
    return NULL;
}

const Event *event_log_find_file(const EventLog *log, const char *path) {
    for (guint i = log->events->len; i > 0; i--) {
        const Event *event = event_log_get(log, i - 1);
        if (event->kind == EVENT_FILE && strcmp(event->text, path) == 0) return event;
    }
    return NULL;
}
