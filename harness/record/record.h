/*
 * The record of a run, as a value: the plan, and the course of each attempt at each case. The run
 * fills it (recorder.h), a journal restores it (record_read.h), and every report is a pure function
 * of it. All strings are valid UTF-8 and owned by the structure that holds them; all times are
 * nanoseconds, those that end in "at_ns" counted from the start of the run.
 */
#pragma once
#include "attempt/results.h"
#include "attempt/verdict.h"

typedef struct _RecordCase RecordCase;
typedef struct _Record Record;

typedef struct {
    char *text;
    char *expected, *actual; /* or NULL */
    char *guest_path;        /* or NULL */
    char *difference;        /* lines that show the first difference (hexdiff.h), or NULL */
} RecordFinding;

typedef struct {
    guint64 pid, ppid;
    char *path;
    GStrv argv; /* decoded */
    gint64 start_at_ns;
    gint64 host_ns;  /* -1 if it has not ended */
    gint64 guest_ns; /* -1 if unknown */
    guint64 status;
    guint64 signal; /* 0: it exited with status */
} RecordSpawn;

typedef struct {
    char *path;
    guint64 size;
    char *sha256;
    gboolean unchanged; /* it equals the input and is not written again */
} RecordFile;

/* Another event (attempt/event.h), which may explain a verdict. */
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
    NOTE_FORBIDDEN,
    NOTE_LATE,
    NOTE_FLAKY,
    NOTE_WARM,
    NOTE_COLD,
} NoteKind;
#define NOTE_KINDS (NOTE_COLD + 1)

typedef struct {
    gint64 at_ns;
    NoteKind kind;
    char *text; /* or NULL */
} RecordNote;

typedef struct {
    RecordCase *record_case;
    guint number;        /* from 1 */
    gboolean ran;        /* else it ended without a guest */
    gint64 start_at_ns;  /* when it ran */
    char *kernel;        /* path of the Image that it ran on; or NULL in old journals */
    char *kernel_sha256; /* or NULL if there is no such file */
    char *accelerator;   /* QEMU's name of it; or NULL in old journals */
    char *proved_by;     /* the run that the cached result comes from; NULL: it is not cached */
    gint64 proved_s;     /* when that run proved it, in seconds since 1970 */
    gboolean ended;      /* the following members are set */
    VerdictKind verdict;
    gint64 duration_ns;
    GPtrArray *findings;        /* of RecordFinding; the reason of a skip first */
    char *diagnosis;            /* or NULL */
    char *console;              /* its excerpt (excerpt.h), without dumped hex; "" if empty */
    GPtrArray *spawns;          /* of RecordSpawn, in the order of their SPAWN lines */
    GPtrArray *files;           /* of RecordFile */
    GPtrArray *subtests;        /* of Result */
    GPtrArray *other_subtests;  /* likewise: what --filter did not ask for, which no report shows */
    const Result *last_subtest; /* of both */
    GPtrArray *notes;           /* of RecordNote */
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
    gboolean requested;  /* named on the command line, not only needed by another case */
    GPtrArray *attempts; /* of RecordAttempt */
    GArray *trend;       /* of double: its cost in runs up to this one, in milliseconds or with
                             icount instructions (trend.h); empty if unknown */
};

struct _Record {
    char *time;          /* wall clock of the start, ISO 8601 in UTC */
    gint64 clock_ns;     /* of the monotonic clock at the start, which at_ns is counted from */
    GStrv arguments;     /* the command line */
    char *harness;       /* its version; or NULL in old journals */
    char *qemu;          /* path of the program */
    char *qemu_version;  /* or NULL if no QEMU reported it */
    char *confinement;   /* how QEMU is confined (confinement.h); or NULL if unknown */
    char *kernel;        /* path of the seed kernel's Image */
    char *kernel_sha256; /* or NULL if there is no such file */
    GStrv options;       /* the options that affect results */
    gboolean icount;     /* --icount: a nanosecond of the guest's clock is one instruction */
    GPtrArray *gates;    /* of RecordGate, each after those it needs */
    GPtrArray *cases;    /* of RecordCase, each after those it needs */
    GPtrArray *ends;     /* of RecordAttempt: those that ended, in that order; not owned */
    GHashTable *by_id;   /* id -> RecordCase; not owned */
    gboolean complete;   /* the run ended, by itself or interrupted */
    gboolean interrupted;
    gint64 end_at_ns; /* of the last known event */
    gint64 cpu_ns;    /* CPU time of the harness, and of the QEMUs; 0 if the run stopped early */
    gint64 qemu_cpu_ns;
};

/* "PATH, sha256 HASH" of the kernel that the attempt ran on; NULL if unknown. Free with g_free. */
char *record_kernel(const RecordAttempt *attempt);

/* The same if it was not the seed kernel of the run, else NULL. */
char *record_other_kernel(const RecordAttempt *attempt);

/* "41 subtests: 38 passed, 2 failed, 1 skipped" of these counts; NULL without any. Free with
 * g_free.
 */
char *record_describe_subtests(const guint counts[RESULT_KINDS]);

/* Takes a subtest, which is one of the others unless it is asked for. */
void record_add_subtest(RecordAttempt *attempt, Result *subtest, gboolean is_asked);

/* Adds the subtests of an attempt to `counts`. */
void record_count_subtests(const RecordAttempt *attempt, guint counts[RESULT_KINDS]);

/* The accelerator if it is not QEMU's translator, else NULL. */
const char *record_other_accelerator(const RecordAttempt *attempt);

/* "unchanged since TIME, RUN" if the result is cached, else NULL. Free with g_free. */
char *record_unchanged(const RecordAttempt *attempt);

/* What is to be said of a result beside the verdict: as record_unchanged, or "warm" if it ran on a
 * QEMU that is reset between cases, else NULL. Free with g_free. */
char *record_remark(const RecordAttempt *attempt);

/* Whether it ran on a QEMU that is reset between cases. */
gboolean record_is_warm(const RecordAttempt *attempt);

/* Counts of cases by result. */
typedef struct {
    guint cases;
    guint verdicts[VERDICT_KINDS];
    guint flaky;                  /* of the passes: those whose first attempt did not pass */
    guint cached;                 /* of the passes: those restored from the cache */
    guint spawns;                 /* of all attempts */
    gboolean has_more_spawns;     /* an attempt had more than are kept */
    guint subtests[RESULT_KINDS]; /* of the attempts that decide */
    gint64 attempts_ns;
} RecordTotals;

Record *record_new(void);
void record_free(Record *record);

/* `name` must not be known; strings are copied. */
RecordGate *record_add_gate(Record *record, const char *name, const char *path, const char *proves);
RecordCase *record_add_case(Record *record, RecordGate *gate, const char *name, const char *about,
                            gboolean requested);
RecordAttempt *record_add_attempt(RecordCase *c);

/* These take their strings; members of a finding can be set later. */
RecordFinding *record_add_finding(RecordAttempt *attempt, char *text);
RecordSpawn *record_add_spawn(RecordAttempt *attempt);
RecordFile *record_add_file(RecordAttempt *attempt, char *path, guint64 size, char *sha256);
void record_add_note(RecordAttempt *attempt, gint64 at_ns, NoteKind kind, char *text);

/* "enosys", "panic", ...; and the reverse, FALSE for an unknown name. */
const char *record_note_name(NoteKind kind);
gboolean record_note_find(const char *name, NoteKind *ret_kind);

/* Marks an attempt as ended; its verdict is set. */
void record_end_attempt(Record *record, RecordAttempt *attempt);

/* The gate with that name, or the case with that id; or NULL. */
RecordGate *record_find_gate(const Record *record, const char *name);
RecordCase *record_find_case(const Record *record, const char *id);

/* Closes the record of a run that stopped early: a running attempt becomes an error, and a case
 * without attempts a skip. Totals then count every planned case. */
void record_close(Record *record);

/* The attempt that decides the result of a case: the last one, except that skips, interrupted
 * attempts and recordings do not replace an earlier attempt. The case must have one (record_close).
 */
const RecordAttempt *record_result(const RecordCase *c);

/* It passed, but not at the first attempt. */
gboolean record_is_flaky(const RecordCase *c);

/* It is a recording, which does not affect the result. */
gboolean record_is_recording(const RecordAttempt *attempt);

/* Its result comes from the cache. */
gboolean record_is_cached(const RecordAttempt *attempt);

/* The number of cases that failed, with any verdict. */
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
