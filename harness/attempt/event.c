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

/* Each argument becomes a string of its own: its overhead in bytes. */
#define ARGUMENT_BYTES 40

static const char *copy(EventLog *log, const char *text) {
    return text ? g_string_chunk_insert_const(log->strings, text) : NULL;
}

static void copy_line(EventLog *log, KernelLine *line) {
    switch (line->kind) {
    case LINE_SPAWN:
        line->spawn.path = copy(log, line->spawn.path);
        line->spawn.argv = copy(log, line->spawn.argv);
        break;
    case LINE_FILE: line->file.path = copy(log, line->file.path); break;
    case LINE_REGISTERS:
    case LINE_BACKTRACE:
    case LINE_PANIC:
    case LINE_LOST: line->text = copy(log, line->text); break;
    default: break;
    }
}

void event_log_append(EventLog *log, const Event *event) {
    Event whole = *event;
    if (whole.time_ns == 0) whole.time_ns = clock_now_ns();
    whole.text = copy(log, event->text);
    whole.sha256 = copy(log, event->sha256);
    whole.detail = copy(log, event->detail);
    if (whole.kind == EVENT_LINE) copy_line(log, &whole.kernel_line);
    g_array_append_val(log->events, whole);
}

gsize event_line_bytes(const KernelLine *kernel_line) {
    gsize bytes = sizeof(Event);
    switch (kernel_line->kind) {
    case LINE_SPAWN:
        bytes += sizeof(Event) + strlen(kernel_line->spawn.path) + strlen(kernel_line->spawn.argv);
        for (const char *at = kernel_line->spawn.argv; (at = strchr(at, ',')); at++)
            bytes += ARGUMENT_BYTES;
        return bytes;
    case LINE_FILE: return bytes + strlen(kernel_line->file.path);
    case LINE_REGISTERS:
    case LINE_BACKTRACE:
    case LINE_PANIC:
    case LINE_LOST: return bytes + strlen(kernel_line->text);
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
    [EVENT_SUBTESTS] = {EVENT_SUBTESTS_BYTES, "results of subtests"},
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
                           " more %s were not kept: an attempt keeps at most %zu MiB of them",
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
