/* An attempt under way: its state, and what all of its parts do with it. */
#pragma once
#include "attempt/attempt.h"
#include "attempt/console.h"
#include "attempt/match.h"
#include "attempt/outputs.h"
#include "base/outbox.h"
#include "guest/boot.h"
#include "guest/capture.h"
#include "guest/guest.h"
#include "guest/qmp.h"

typedef struct {
    Attempt public;
    const AttemptOptions *options;
    const AttemptObserver *observer;
    gpointer data;

    guint told;       /* events of the log that the observer knows */
    gboolean is_live; /* the caller has its attempt: events are told as they come */

    Boot boot;    /* what the guest is started with */
    char *nonce;  /* which its kernel lines carry, or NULL */
    char *qemu;   /* name or path of the program */
    char *kernel; /* the file that it is given */
    char *folder; /* out_root/LABEL/CASE */
    Guest *guest;
    Console *console;
    Qmp *qmp;
    Matcher matcher;
    Dialog dialog;
    Outbox input, commands; /* to the guest's console, to QEMU's control socket */
    Outputs *outputs;
    gboolean in_file;           /* outputs has begun a file */
    GStringChunk *line_strings; /* of the kernel line at hand */
    GHashTable *running;    /* pids of programs that run, and whose SPAWN line was kept; the keys */
    gboolean file_left_out; /* the file that is coming is not kept, which is counted */
    gboolean panicked;
    gint64 foreign_lines; /* program output in the form of kernel lines */
    int seed_out_fd;
    int transcript_fd;
    guint64 console_bytes;
    GString *stderr_text;
    char *cache_key;   /* of this run, or NULL: it is not to be cached */
    char *replay_path; /* the script that repeats the run, or NULL */
    char *core_path;   /* where a core of a guest that does not end well goes, or NULL */

    gint64 start_ns;
    gint64 stopped_ns;     /* how long the harness did not run meanwhile: no time of the guest's */
    gint64 wake_ns;        /* when the watchdog looks again */
    gint64 progress_ns;    /* when the guest last made progress */
    gint64 spoke_ns;       /* when a program last printed or was sent something; what is quiet
                              counts from here */
    gint64 grace_end_ns;   /* when what is left is killed or given up; 0: not set */
    Capture *capture;      /* while the stopped guest is looked at, and after */
    gint64 capture_end_ns; /* when QEMU has had time enough to answer; 0: not under way */
    gboolean is_cached;    /* nothing is run: the cache had the result */
    gboolean continued;
    gboolean stopping; /* asked to end by us */
    gboolean console_ended;
    gboolean exited;
    gboolean timed_line; /* since this was cleared a kernel line came whose time matters */

    GSource *console_source, *qmp_source, *stderr_source, *watchdog;
    gpointer console_tag; /* of the descriptor in console_source */
    GCancellable *waiting;
} AttemptState;

/* Appends a complete event, whose strings are copied, and tells the observer. */
void attempt_append(AttemptState *attempt, const Event *event);

/* The same for an event with at most a text. */
void attempt_event(AttemptState *attempt, EventKind kind, const char *text);

/* The caller has its attempt: tells the observer what was appended until now. */
void attempt_go_live(AttemptState *attempt);

/* QEMU is to end by itself or by SIGTERM: after a while it is killed. */
void attempt_begin_grace(AttemptState *attempt);

/* The same for what a guest can make without end; where there is no room for it nothing is done. */
void attempt_guest_event(AttemptState *attempt, EventKind kind, const char *text);

/* The guest's kernel did something: the limit without progress begins anew. */
void attempt_progress(AttemptState *attempt);

/* The attempt cannot go on: EVENT_ERROR with "what: message", and QEMU is ended. Frees `error`. */
void attempt_error(AttemptState *attempt, const char *what, GError *error);

/* Ends QEMU, if it has not ended. */
void attempt_stop(AttemptState *attempt);

/* The END line is there: no limit of the guest counts any more. */
void attempt_saw_end(AttemptState *attempt);
void attempt_drop_source(GSource **source);

/* Looks at the limits at `at_ns` at the latest. */
void attempt_look_at(AttemptState *attempt, gint64 at_ns);
