/*
 * The verdict of an attempt: a pure function of the case, the log and the hashes that its files
 * must have.
 */
#pragma once
#include "attempt/event.h"
#include "gate/gate.h"

typedef enum {
    VERDICT_PASS,
    VERDICT_FAIL,    /* the guest's answer is wrong */
    VERDICT_ERROR,   /* QEMU or the harness broke off */
    VERDICT_TIMEOUT, /* the limit of the whole attempt */
    VERDICT_HANG,    /* the limit without progress */
    VERDICT_PANIC,   /* the kernel gave up */
    VERDICT_SKIP,    /* not run, or not to its end, for a reason that is no fault of the case */
} VerdictKind;
#define VERDICT_KINDS (VERDICT_SKIP + 1)

/* One thing that is wrong. */
typedef struct {
    char *text;                            /* a sentence: what is wrong and what to do */
    char *expected;                        /* or NULL */
    char *actual;                          /* or NULL */
    char *guest_path;                      /* of a file whose content is wrong, or NULL */
    char *expected_sha256, *actual_sha256; /* of that file; or NULL: not known, or there is none */
} Finding;

typedef struct {
    VerdictKind kind;
    GPtrArray *findings; /* of Finding; empty for a pass, the reason first */
} Verdict;

/* A file that the case must leave. */
typedef struct {
    char *guest_path;
    char *sha256;         /* NULL: the golden file has no line for it */
    gboolean is_golden;   /* else its source was given in the gate file */
    gboolean is_repeated; /* its hash is what an earlier run of the same bless left */
    gboolean any;         /* whatever its content */
} ExpectedFile;

/* `expected` is a GPtrArray of ExpectedFile. `counterpart_files`, guest path -> sha256, is what the
 * same case left on the other driver, or NULL. */
Verdict *verdict_decide(const GateCase *c, const EventLog *log, const GPtrArray *expected,
                        const GHashTable *counterpart_files);

/* VERDICT_SKIP or VERDICT_ERROR of a case that did not run. */
Verdict *verdict_new(VerdictKind kind, const char *format, ...) G_GNUC_PRINTF(2, 3);
void verdict_free(Verdict *verdict);

/* "pass", "fail", "error", ... */
const char *verdict_name(VerdictKind kind);

void expected_file_free(ExpectedFile *file);

G_DEFINE_AUTOPTR_CLEANUP_FUNC(Verdict, verdict_free)
