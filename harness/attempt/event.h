/*
 * The log of an attempt: events are appended as they happen, complete, and never change. The
 * verdict and every report are functions of it.
 */
#pragma once
#include "attempt/kernel_line.h"

typedef enum {
    EVENT_START,   /* the attempt began; the first event of every log: number has the START_ bits of
                      what is judged beside the rest */
    EVENT_VERSION, /* QEMU reported its version: text, or NULL */
    EVENT_WARM,    /* the guest ran on a QEMU that is reset between cases: text says which */
    EVENT_COLD, /* it did not pass on such a QEMU and ran again on one of its own: text says how */
    EVENT_CONTINUE,      /* the guest was started */
    EVENT_LINE,          /* a kernel line: kernel_line */
    EVENT_FILE,          /* a whole file of the guest: text its path, size, sha256, number 1:
                             if it equals the input and is not written again */
    EVENT_FOREIGN,       /* the first program output that looks like a kernel line: text */
    EVENT_FOREIGN_LINES, /* at the end: the number of those lines */
    EVENT_BAD,           /* a malformed kernel line, dump or archive: text */
    EVENT_MATCH,         /* the next expected console text appeared: number its index */
    EVENT_REPLY,         /* a wait of a dialog matched: number the index of its next step, text the
                            port, or NULL for the console */
    EVENT_OPEN, /* at a limit: the text so far matches, but more text could change that; text
                   the port, or NULL */
    EVENT_CONSOLE_DONE, /* the console showed all that is judged: the guest was ended */
    EVENT_SUBTEST,      /* a guest printed the result of a test: text its name, number its
                           ResultKind, detail (results.h), size the nanoseconds that it took, or
                           SUBTEST_UNTIMED */
    EVENT_FORBIDDEN,    /* the console showed what it must not: text "EXPRESSION": what matched;
                           number 1: that is a panic */
    EVENT_TIMEOUT,      /* the time limit of the attempt was reached: number is the limit, text the
                           last line of the console, or NULL */
    EVENT_HANG,         /* the time limit without progress was reached: likewise */
    EVENT_LATE,         /* a wait of a dialog took longer than its limit: likewise; detail the port,
                           or NULL */
    EVENT_STOPPED,      /* the harness was stopped for a while: text */
    EVENT_CORE,         /* guest memory was dumped: text the file, or why not */
    EVENT_RECORDED,     /* the attempt was recorded: text the replay script, or why there is none */
    EVENT_CACHED,       /* the files of an equal attempt that passed: sha256 its cache key, text the
                           run that proved it (cache.h), number when, in seconds since 1970 */
    EVENT_UNCACHED,     /* the cache could not keep the result: text why */
    EVENT_FLAKY,        /* an equal attempt passed before: text says which */
    EVENT_LEFT_OUT,     /* at the end: text says how many of a class were not kept, number is
                           that EventClass */
    EVENT_INTERRUPT,    /* the user stopped the run: text the signal's name */
    EVENT_QMP,          /* an event of QEMU: text its name; "SHUTDOWN REASON" */
    EVENT_ERROR,        /* the harness or QEMU failed: text */
    EVENT_EOF,          /* the console ended: number the bytes it brought */
    EVENT_QEMU_EXIT,    /* QEMU ended: number its wait status */
} EventKind;

/* The size of an EVENT_SUBTEST whose time is unknown. */
#define SUBTEST_UNTIMED G_MAXUINT64

#define START_BUDGET 1 /* the key "budget" */
#define START_SPAWNS 2 /* the key "spawns" */

typedef struct {
    EventKind kind;
    gint64 time_ns; /* of clock_now_ns */
    gint64 number;
    guint64 size;
    const char *text;   /* in the log's strings */
    const char *sha256; /* lower-case hex, in the log's strings */
    const char *detail; /* more text, in the log's strings */
    KernelLine kernel_line;
    gboolean left_out; /* passed to the observer but not kept in the log, which is full */
} Event;

/*
 * Events that a guest can cause without bound. Of each class a log keeps the first, up to
 * EVENT_*_BYTES, and counts the rest. The record takes about three times the size of the log,
 * reports as much again, and the journal of an attempt twice the size.
 */
typedef enum { EVENT_PROGRAMS, EVENT_FILES, EVENT_LINES, EVENT_SUBTESTS, EVENT_CLASSES } EventClass;

/* Some 80,000 programs of short arguments; the largest gate spawns 19,000. */
#define EVENT_PROGRAMS_BYTES (24 * 1024 * 1024)
/* Some 120,000 files of short names; the kernel's contract asks for 10,000. */
#define EVENT_FILES_BYTES (40 * 1024 * 1024)
/* All else that kernel and QEMU say; the seed kernel prints at most 2,049
 * that a system call is unknown. */
#define EVENT_LINES_BYTES (1024 * 1024)
/* Some 100,000 subtests of short names. */
#define EVENT_SUBTESTS_BYTES (24 * 1024 * 1024)

typedef struct {
    GArray *events; /* of Event */
    GStringChunk *strings;
    gsize taken_bytes[EVENT_CLASSES];
    guint64 left_out[EVENT_CLASSES];
    gint64 left_out_ns; /* when the last was not kept; 0: never */
} EventLog;

EventLog *event_log_new(void);
void event_log_free(EventLog *log);

/* Appends a complete event, whose strings are copied, with the present time unless it has a
 * time already. The event never changes afterwards. */
void event_log_append(EventLog *log, const Event *event);

/* Reserves `bytes` for an event of that class. FALSE if the class is full: this event and all later
 * ones are only counted. */
gboolean event_log_has_room(EventLog *log, EventClass class, gsize bytes);

/* The bytes that the log, record and reports take for a kernel line are in proportion to these. */
gsize event_line_bytes(const KernelLine *kernel_line);

/* "1234 more spawned programs were not kept: ..."; NULL if all were kept. Free with g_free. */
char *event_log_describe_left_out(const EventLog *log, EventClass class);

const Event *event_log_get(const EventLog *log, guint index);

/* The first event of `kind`, or NULL. */
const Event *event_log_find(const EventLog *log, EventKind kind);

/* The last kernel line of `kind`, or NULL. */
const Event *event_log_find_line(const EventLog *log, KernelLineKind kind);

/* The last EVENT_FILE of the guest path `path`, or NULL. */
const Event *event_log_find_file(const EventLog *log, const char *path);

G_DEFINE_AUTOPTR_CLEANUP_FUNC(EventLog, event_log_free)
