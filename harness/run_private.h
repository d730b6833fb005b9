/* What run.c (life of a run), run_control.c (QEMU's control socket) and run_stream.c (bytes to
 * events) share. */
#pragma once
#include "capture.h"
#include "console.h"
#include "guest.h"
#include "match.h"
#include "outbox.h"
#include "outputs.h"
#include "qmp.h"
#include "run.h"

typedef struct {
    Run public;
    const RunOptions *options;
    const RunObserver *observer;
    gpointer data;

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
    gint64 foreign_event; /* index of EVENT_FOREIGN in the log, or -1 */
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
} RunState;

/* Appends an event and tells the observer; `text` may be NULL. */
void run_event(RunState *run, EventKind kind, const char *text);

/* The same for what a guest can make without end; where there is no room for it nothing is done. */
void run_guest_event(RunState *run, EventKind kind, const char *text);

/* The guest's kernel did something: the limit without progress begins anew. */
void run_progress(RunState *run);

/* The run cannot go on: EVENT_TROUBLE with "what: message", and QEMU is ended. Frees `error`. */
void run_trouble(RunState *run, const char *what, GError *error);

/* Ends QEMU, if it has not ended. */
void run_stop(RunState *run);

/* The END line is there: no limit of the guest counts any more. */
void run_ended(RunState *run);
void run_drop_source(GSource **source);

/* run_control.c: a GUnixFDSourceFunc for QEMU's control socket; stops the guest and looks at it;
 * ends that look, and QEMU. */
gboolean run_control_ready(int fd, GIOCondition condition, gpointer run);
void run_capture_begin(RunState *run);
void run_capture_end(RunState *run);

/* Takes in what the console has now. */
void run_console_drain(RunState *run);

/* Looks at the limits at `at_ns` at the latest. */
void run_look_at(RunState *run, gint64 at_ns);

/* The dialog's first steps, which need no word of the guest. */
void run_stream_begin(RunState *run);

/* When it will have been quiet for as long as the dialog wants; G_MAXINT64: it does not want it. */
gint64 run_stream_quiet_at(const RunState *run);

/* It has been. */
void run_stream_quiet(RunState *run);

/* Console bytes as they come. */
void run_stream_feed(RunState *run, const guint8 *data, gsize length);

/* The console has ended: what is left of it, and the files on the disk seed-out. */
void run_stream_end(RunState *run);
