/*
 * The log of one run of a case: events are appended as they happen and never consumed. The
 * verdict and every report are functions of it.
 */
#pragma once
#include "attempt/kernel_line.h"

typedef enum {
    EVENT_START,        /* QEMU was started: number 1 on the instruction counter, else 0 */
    EVENT_VERSION,      /* QEMU said which it is: text, or NULL */
    EVENT_CONTINUE,     /* the guest was let run */
    EVENT_LINE,         /* a kernel line: frame */
    EVENT_FILE,         /* a whole file of the guest: text its path, size, sha256, number 1:
                            it is what was put in, and not written again */
    EVENT_FOREIGN,      /* program output in the form of a kernel line: text */
    EVENT_BAD,          /* the kernel broke the format of its lines or its archive: text */
    EVENT_MATCH,        /* the next expected console text appeared: number its index */
    EVENT_REPLY,        /* the console matched what the dialog waited for */
    EVENT_OPEN,         /* at a limit: what came matches the dialog, if nothing more had come */
    EVENT_CONSOLE_DONE, /* the console has told all that is judged: the guest was ended */
    EVENT_TIMEOUT,      /* the limit of the whole run was reached */
    EVENT_HANG,         /* the limit without progress was reached */
    EVENT_STOPPED,      /* the harness itself did not run for a while: text */
    EVENT_CORE,         /* guest memory was dumped: text the file, or why not */
    EVENT_RECORDED, /* the attempt was made to be recorded: text the script, or why there is none */
    EVENT_CACHED,   /* an equal run has passed before, and these are its files: text its key */
    EVENT_UNCACHED, /* the cache could not keep the result: text why */
    EVENT_INTERRUPT, /* the user stopped the run: text the signal's name */
    EVENT_QMP,       /* an event of QEMU: text its name */
    EVENT_ERROR,     /* the harness or QEMU failed: text */
    EVENT_EOF,       /* the console ended: number the bytes it brought */
    EVENT_QEMU_EXIT, /* QEMU ended: number its wait status */
} EventKind;

typedef struct {
    EventKind kind;
    gint64 time_ns; /* of clock_now_ns */
    gint64 number;
    guint64 size;
    const char *text;   /* in the log's strings */
    const char *sha256; /* lower-case hex, in the log's strings */
    KernelLine kernel_line;
} Event;

typedef struct {
    GArray *events; /* of Event */
    GStringChunk *strings;
} EventLog;

EventLog *event_log_new(void);
void event_log_free(EventLog *log);

/* Appends an event at the present time and returns it for its fields to be set; the pointer
 * holds until the next append. */
Event *event_log_add(EventLog *log, EventKind kind);

/* The same with a text, which is copied. */
Event *event_log_add_text(EventLog *log, EventKind kind, const char *text);

const Event *event_log_get(const EventLog *log, guint index);

/* The first event of `kind`, or NULL. */
const Event *event_log_find(const EventLog *log, EventKind kind);

/* The last kernel line of `kind`, or NULL. */
const Event *event_log_find_line(const EventLog *log, KernelLineKind kind);

/* The last EVENT_FILE of the guest path `path`, or NULL. */
const Event *event_log_find_file(const EventLog *log, const char *path);

G_DEFINE_AUTOPTR_CLEANUP_FUNC(EventLog, event_log_free)
