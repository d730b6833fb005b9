/*
 * One attempt at one case: prepares its files, starts QEMU, turns its output into events until it
 * ends or a limit is reached, and decides the verdict. Everything runs on the default main context;
 * many attempts can run at once.
 */
#pragma once
#include "attempt/cache.h"
#include "attempt/event.h"
#include "attempt/excerpt.h"
#include "attempt/verdict.h"
#include "gate/driver.h"
#include "gate/gate.h"
#include "gate/golden.h"
#include "gate/inputs.h"
#include "guest/warm.h"

typedef struct _Attempt Attempt;

typedef struct {
    const char *qemu;        /* program name or path; NULL: qemu-system-ARCH of the case */
    const char *kernel;      /* the seed kernel's Image; NULL: build/kernel/Image below the root */
    const char *made_kernel; /* the Image for DRIVER_MADE, or NULL */
    const char *out_root;    /* the folder that gets LABEL/CASE/PATH (driver_label); NULL: files are
                                not kept */
    const char *inputs_root; /* where outputs of earlier cases are, if not in out_root; or NULL */
    const char *transcripts; /* a folder that gets the raw console as LABEL/CASE.console, or NULL */
    const char *cores;       /* a folder that gets LABEL/CASE.core of failed attempts, or NULL */
    Cache *cache;            /* or NULL */
    const char *records;     /* a folder for recordings of failed cases, or NULL */
    const char *plugin; /* a plugin for QEMU's translator that counts instructions into a file of
                           plugin_bytes; or NULL */
    guint64 plugin_bytes;
    const char *gdb_socket; /* the guest waits for gdb there, and has no limits; or NULL */
    double timeout_factor;  /* of the limits timeout and hang; 0: as the gate says */
    gboolean icount;        /* on the instruction counter: see GuestConfig */
    gboolean allow_host;    /* words of QEMU's command line in gates may reach the host */
    gboolean any_golden;    /* files must exist, but golden hashes are not judged */
    WarmPool *warm;         /* QEMUs that are reset between cases, or NULL */
    GHashTable *blessed; /* gate name -> Golden: hashes from earlier attempts of this bless, which
                            later ones must repeat; with any_golden; or NULL */
} AttemptOptions;

/* The Image of a seed kernel for this driver: the one that was made, or that of the options. NULL
 * as there. */
const char *attempt_seed_kernel(const AttemptOptions *options, Driver driver);

/* The accelerator for the case: with --icount or a plugin tcg, which alone can count. NULL if this
 * machine has none that the case accepts. */
const char *attempt_accelerator(const AttemptOptions *options, const GateCase *c);

/* Callbacks of an attempt in progress; `data` is the caller's. */
typedef struct {
    void (*event)(gpointer data, Attempt *attempt, const Event *event);
    void (*text)(gpointer data, Attempt *attempt, const guint8 *text,
                 gsize length); /* of programs */
    void (*finished)(gpointer data, Attempt *attempt);
} AttemptObserver;

/* What to run. */
typedef struct {
    const Gate *gate;
    const GateCase *gate_case;
    const Golden *golden;
    Driver driver;
    /* Guest path -> sha256 of each file that the same case left on the other driver, all of which
     * must be the same; or NULL. */
    const GHashTable *counterpart_files;
    /* A folder that gets LABEL/CASE.replay, a script that repeats this attempt; or NULL. */
    const char *record_root;
    guint number; /* from 1; a pass at the first may be kept in the cache */
} AttemptSubject;

struct _Attempt {
    AttemptSubject subject;
    char *label; /* of its gate on its driver */
    /* Set once finished. */
    Verdict *verdict;
    EventLog *log;
    Inputs *inputs;     /* NULL when they could not be read */
    Excerpt console;    /* without dumped hex */
    gint64 duration_ns; /* from attempt_start to the end of QEMU */
    int counters_fd;    /* the file that the plugin counted into; -1: none */
    char *diagnosis;    /* where a failed guest stopped, for people; or NULL */
};

/* Starts an attempt. Its end, also if it could not be started, is reported by observer->finished
 * from the main loop; all arguments must live until then. */
Attempt *attempt_start(const AttemptSubject *subject, const AttemptOptions *options,
                       const AttemptObserver *observer, gpointer data);

/* Stops the attempt unless it has ended; it finishes soon with VERDICT_ERROR. `by` names the cause,
 * such as "SIGTERM". */
void attempt_interrupt(Attempt *attempt, const char *by);

/* After it has finished. */
void attempt_free(Attempt *attempt);
