/* The state of a running attempt, and the functions that all its parts share. */
#pragma once
#include "attempt/attempt.h"
#include "attempt/console_parser.h"
#include "attempt/match.h"
#include "attempt/outputs.h"
#include "attempt/results.h"
#include "attempt/watch.h"
#include "base/outbox.h"
#include "guest/boot.h"
#include "guest/capture.h"
#include "guest/guest.h"
#include "guest/qmp.h"

typedef struct _Talk Talk;
typedef struct _AttemptState AttemptState;

struct _AttemptState {
    Attempt public;
    const AttemptOptions *options;
    const AttemptObserver *observer;
    gpointer data;

    guint observed;   /* number of events passed to the observer */
    gboolean is_live; /* the caller has its attempt: events are passed on as they come */

    Boot boot;   /* image, bootargs and archive of the guest */
    char *nonce; /* of its kernel lines, or NULL */
    char *qemu;  /* name or path of the program */
    const char *accelerator;
    char *kernel; /* its path */
    char *folder; /* out_root/LABEL/CASE */
    Guest *guest;
    Warm *warm;           /* whose guest it is, and whose qmp; or NULL */
    char *why_cold;       /* how it did not pass on a warm QEMU before; or NULL */
    gboolean is_loaded;   /* memory of the warm QEMU has been set, and the guest started */
    gboolean is_standing; /* the guest of the warm QEMU has powered off */
    Console *console;
    Qmp *qmp;
    Matcher matcher;
    GPtrArray *talks; /* of Talk: the dialogs, that of the console first (attempt_talk.h) */
    Watch *watch;
    Results *results;       /* or NULL: the case has no subtests */
    gboolean saw_forbidden; /* the watch has a match: the guest is to end */
    Outbox commands;        /* to QEMU's control socket */
    Outputs *outputs;
    GPtrArray *drives;          /* of GuestDrive: what the guest keeps files on */
    gboolean in_file;           /* outputs has begun a file */
    GStringChunk *line_strings; /* of the current kernel line */
    GHashTable *running;    /* the keys are pids of running programs whose SPAWN line was kept */
    gboolean file_left_out; /* the current file is not kept, only counted */
    gboolean panicked;
    gint64 foreign_lines; /* number of program lines that look like kernel lines */
    int seed_out_fd;
    int transcript_fd;
    guint64 console_bytes;
    GString *stderr_text;
    GCancellable *asking; /* set while a server is asked for the result of an equal attempt */
    char *cache_key;      /* of this attempt, or NULL if it must not be cached */
    char *ingredients;    /* the text of that key (cache_key_text), or NULL */
    char *replay_path;    /* the script that repeats the attempt, or NULL */
    char *core_path;      /* the core file of a failed guest, or NULL */

    gint64 start_ns;
    gint64 stopped_ns;   /* how long the harness was stopped, which does not count towards limits */
    gint64 wake_ns;      /* when the watchdog looks again */
    gint64 progress_ns;  /* when the guest last made progress */
    gint64 grace_end_ns; /* when the rest is killed or abandoned; 0: not set */
    Capture *capture;    /* of the stopped guest, or NULL */
    gint64 capture_end_ns; /* when the capture is abandoned; 0: not capturing */
    gboolean is_cached;    /* the result comes from the cache; nothing runs */
    gboolean continued;
    gboolean stopping; /* the harness asked QEMU to end */
    gboolean console_ended;
    gboolean exited;
    gboolean timed_line; /* a kernel line whose time is measured came since this was cleared */

    GSource *console_source, *qmp_source, *stderr_source, *watchdog;
    void (*ended)(AttemptState *); /* the verdict is decided; the state may be gone afterwards */
    gpointer console_tag;          /* of the descriptor in console_source */
    GCancellable *waiting;
};

/* Appends a complete event, copying its strings, and passes it to the observer. */
void attempt_append(AttemptState *attempt, const Event *event);

/* The same for an event with at most a text. */
void attempt_event(AttemptState *attempt, EventKind kind, const char *text);

/* The caller has its attempt: passes the events so far to the observer. */
void attempt_go_live(AttemptState *attempt);

/* Expects QEMU to end; kills it after a grace period. */
void attempt_begin_grace(AttemptState *attempt);

/* The same for an event that a guest can cause without bound; ignored if its class is full. */
void attempt_guest_event(AttemptState *attempt, EventKind kind, const char *text);

/* The guest made progress: restarts the limit without progress. */
void attempt_progress(AttemptState *attempt);

/* Fails the attempt: appends EVENT_ERROR "what: message" and ends QEMU. Frees `error`. */
void attempt_error(AttemptState *attempt, const char *what, GError *error);

/* Ends QEMU unless it has ended. */
void attempt_stop(AttemptState *attempt);

/* Handles the END line, after which no limit of the guest applies. */
void attempt_saw_end(AttemptState *attempt);
void attempt_drop_source(GSource **source);

/* Makes the watchdog fire at `at_ns` at the latest. */
void attempt_look_at(AttemptState *attempt, gint64 at_ns);
