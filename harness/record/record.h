/*
 * What is known of a run of gates, as a value: what was planned, and how each attempt of each
 * case went. A session fills it while it runs (recorder.h), a journal gives it back (record_read),
 * and every report is a pure function of it. All strings are valid UTF-8 and owned by what holds
 * them; all times are nanoseconds, those that end in "at_ns" counted from the start of the run.
 */
#pragma once
#include "attempt/verdict.h"

typedef struct _RecordCase RecordCase;
typedef struct _Record Record;

typedef struct {
    char *text;
    char *expected, *actual; /* or NULL */
    char *guest_path;        /* or NULL */
    char *difference;        /* lines that show where both sides part (hexdiff.h), or NULL */
} RecordFinding;

typedef struct {
    guint64 pid, ppid;
    char *path;
    GStrv argv; /* decoded */
    gint64 start_at_ns;
    gint64 host_ns;  /* -1: it has not ended */
    gint64 guest_ns; /* -1: not known */
    guint64 status;
    guint64 signal; /* 0: it exited with status */
} RecordSpawn;

typedef struct {
    char *path;
    guint64 size;
    char *sha256;
    gboolean unchanged; /* it is what was put in, and not written again */
} RecordFile;

/* Something else that happened and may explain a verdict: the events of attempt/event.h. */
typedef enum {
    NOTE_ENOSYS,
    NOTE_PANIC,
    NOTE_LOST,
    NOTE_FOREIGN,
    NOTE_BAD,
    NOTE_TIMEOUT,
    NOTE_HANG,
    NOTE_INTERRUPT,
    NOTE_ERROR,
    NOTE_CORE,
    NOTE_CACHED,
    NOTE_UNCACHED,
    NOTE_STOPPED,
    NOTE_RECORDED,
    NOTE_LEFT_OUT,
} NoteKind;
#define NOTE_KINDS (NOTE_LEFT_OUT + 1)

typedef struct {
    gint64 at_ns;
    NoteKind kind;
    char *text; /* or NULL */
} RecordNote;

typedef struct {
    RecordCase *record_case;
    guint number;       /* from 1 */
    gboolean ran;       /* else it ended before it began */
    gint64 start_at_ns; /* when it ran */
    gboolean ended;     /* what follows is known */
    VerdictKind verdict;
    gint64 duration_ns;
    GPtrArray *findings; /* of RecordFinding; the reason of a skip first */
    char *diagnosis;     /* or NULL */
    char *console;       /* what is kept of it (excerpt.h), without dumped hex; "": nothing came */
    GPtrArray *spawns;   /* of RecordSpawn, in the order of their SPAWN lines */
    GPtrArray *files;    /* of RecordFile */
    GPtrArray *notes;    /* of RecordNote */
} RecordAttempt;

typedef struct {
    char *name, *path, *proves;
    GPtrArray *cases; /* of RecordCase, the record's */
} RecordGate;

struct _RecordCase {
    const Record *record;
    const RecordGate *gate;
    char *id;            /* "GATE/CASE", unique */
    char *name, *about;  /* about: or NULL */
    gboolean requested;  /* named on the command line, not only needed by one that is */
    GPtrArray *attempts; /* of RecordAttempt */
    GArray *trend;       /* of double: what it took in runs up to this one, in milliseconds or with
                            icount instructions (trend.h); empty: not known */
};

struct _Record {
    char *time;          /* wall clock of the start, ISO 8601 in UTC */
    gint64 clock_ns;     /* of the monotonic clock at the start, which at_ns is counted from */
    GStrv arguments;     /* the command line */
    char *harness;       /* its version; or NULL: written before it was recorded */
    char *qemu;          /* path of the program */
    char *qemu_version;  /* or NULL: no QEMU has told */
    char *confinement;   /* what keeps QEMU to its files (confinement.h); or NULL: not known */
    char *kernel;        /* path of the seed kernel's Image */
    char *kernel_sha256; /* or NULL: there is no such file */
    GStrv options;       /* those of the command line that decide how a case comes out */
    gboolean icount;     /* --icount: a nanosecond of the guest's clock is one instruction */
    GPtrArray *gates;    /* of RecordGate, each after those it needs */
    GPtrArray *cases;    /* of RecordCase, each after those it needs */
    GPtrArray *ends;     /* of RecordAttempt: those that ended, in that order; not owned */
    GHashTable *by_id;   /* id -> RecordCase; not owned */
    gboolean complete;   /* the run came to its end, of its own or interrupted */
    gboolean interrupted;
    gint64 end_at_ns; /* of the last thing known */
    gint64 cpu_ns;    /* CPU time of the harness itself, and of the QEMUs; 0: the run broke off */
    gint64 qemu_cpu_ns;
};

/* Counts of cases by what became of each. */
typedef struct {
    guint cases;
    guint verdicts[VERDICT_KINDS];
    guint flaky;  /* of the passes: those whose first attempt did not pass */
    guint cached; /* of the passes: those that were not run, since the cache had them */
    guint spawns; /* of all attempts */
    gint64 attempts_ns;
} RecordTotals;

Record *record_new(void);
void record_free(Record *record);

/* `name` must not be known; strings are copied. */
RecordGate *record_add_gate(Record *record, const char *name, const char *path, const char *proves);
RecordCase *record_add_case(Record *record, RecordGate *gate, const char *name, const char *about,
                            gboolean requested);
RecordAttempt *record_add_attempt(RecordCase *c);

/* These take their strings, and a finding's can be set later. */
RecordFinding *record_add_finding(RecordAttempt *attempt, char *text);
RecordSpawn *record_add_spawn(RecordAttempt *attempt);
RecordFile *record_add_file(RecordAttempt *attempt, char *path, guint64 size, char *sha256);
void record_add_note(RecordAttempt *attempt, gint64 at_ns, NoteKind kind, char *text);

/* "enosys", "panic", ...; and back, FALSE for a name of no note. */
const char *record_note_name(NoteKind kind);
gboolean record_note_find(const char *name, NoteKind *ret_kind);

/* Says that an attempt has ended; its verdict is set. */
void record_end_attempt(Record *record, RecordAttempt *attempt);

/* The gate or case of that name or id, or NULL. */
RecordGate *record_find_gate(const Record *record, const char *name);
RecordCase *record_find_case(const Record *record, const char *id);

/* Ends what a run that broke off left open: the attempt under way is an error, and a case that had
 * none is a skip, with that reason. Totals then count every planned case. */
void record_close(Record *record);

/* The attempt that decides what became of a case: its last, but for a skip, or one that was cut
 * short or recorded, after one that was not. The case must have one (record_close). */
const RecordAttempt *record_result(const RecordCase *c);

/* It passed, but not at the first attempt. */
gboolean record_is_flaky(const RecordCase *c);

/* It was made to be recorded, at QEMU's pace of recording: it decides nothing. */
gboolean record_is_recording(const RecordAttempt *attempt);

/* Its result was in the cache: nothing was run. */
gboolean record_is_cached(const RecordAttempt *attempt);

/* How many cases went wrong, in whatever way. */
guint record_failed(const RecordTotals *totals);
RecordTotals record_totals(const Record *record);
RecordTotals record_gate_totals(const RecordGate *gate);

/* The arguments of a spawn on one line, quoted as a shell would want them; free with g_free. */
char *record_command(const RecordSpawn *spawn);

/* The command line that runs the case again; free with g_free. */
char *record_again(const RecordCase *c);

/* "exit 0", "signal 11", "did not end"; free with g_free. */
char *record_exit(const RecordSpawn *spawn);

G_DEFINE_AUTOPTR_CLEANUP_FUNC(Record, record_free)
