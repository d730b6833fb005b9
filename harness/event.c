#include "event.h"
#include "clock.h"
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

/* Arguments become texts of their own: what each takes beside its bytes. */
#define ARGUMENT_BYTES 40

Event *event_log_add_frame(EventLog *log, const Frame *frame) {
    Event *event = event_log_add(log, EVENT_FRAME);
    Frame *copy = &event->frame;
    *copy = *frame;
    switch (frame->kind) {
    case FRAME_SPAWN:
        copy->spawn.path = g_string_chunk_insert_const(log->strings, frame->spawn.path);
        copy->spawn.argv = g_string_chunk_insert_const(log->strings, frame->spawn.argv);
        break;
    case FRAME_FILE:
        copy->file.path = g_string_chunk_insert_const(log->strings, frame->file.path);
        break;
    case FRAME_REGISTERS:
    case FRAME_BACKTRACE:
    case FRAME_PANIC:
    case FRAME_LOST: copy->text = g_string_chunk_insert_const(log->strings, frame->text); break;
    default: break;
    }
    return event;
}

gsize event_frame_bytes(const Frame *frame) {
    gsize bytes = sizeof(Event);
    switch (frame->kind) {
    case FRAME_SPAWN:
        bytes += sizeof(Event) + strlen(frame->spawn.path) + strlen(frame->spawn.argv);
        for (const char *at = frame->spawn.argv; (at = strchr(at, ',')); at++)
            bytes += ARGUMENT_BYTES;
        return bytes;
    case FRAME_FILE: return bytes + strlen(frame->file.path);
    case FRAME_REGISTERS:
    case FRAME_BACKTRACE:
    case FRAME_PANIC:
    case FRAME_LOST: return bytes + strlen(frame->text);
    default: return bytes;
    }
}

static const struct {
    gsize bytes;
    const char *what;
} classes[EVENT_CLASSES] = {
    [EVENT_PROGRAMS] = {EVENT_PROGRAMS_BYTES, "spawned programs"},
    [EVENT_FILES] = {EVENT_FILES_BYTES, "files"},
    [EVENT_LINES] = {EVENT_LINES_BYTES, "kernel lines and events of QEMU"},
};

gboolean event_log_has_room(EventLog *log, EventClass class, gsize bytes) {
    if (log->left_out[class] == 0 && bytes <= classes[class].bytes - log->taken_bytes[class]) {
        log->taken_bytes[class] += bytes;
        return TRUE;
    }
    log->left_out[class]++;
    log->left_out_ns = clock_now_ns();
    return FALSE;
}

char *event_log_describe_left_out(const EventLog *log, EventClass class) {
    if (log->left_out[class] == 0) return NULL;
    return g_strdup_printf("%" G_GUINT64_FORMAT
                           " more %s are left out: an attempt keeps %zu MiB of them",
                           log->left_out[class], classes[class].what, classes[class].bytes >> 20);
}

const Event *event_log_get(const EventLog *log, guint index) {
    return &g_array_index(log->events, Event, index);
}

const Event *event_log_find(const EventLog *log, EventKind kind) {
    for (guint i = 0; i < log->events->len; i++)
        if (event_log_get(log, i)->kind == kind) return event_log_get(log, i);
    return NULL;
}

const Event *event_log_find_frame(const EventLog *log, FrameKind kind) {
    for (guint i = log->events->len; i > 0; i--) {
        const Event *event = event_log_get(log, i - 1);
        if (event->kind == EVENT_FRAME && event->frame.kind == kind) return event;
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
