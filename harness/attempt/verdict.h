/* The verdict of an attempt, as a value. verdict_decide.h finds it. */
#pragma once
#include "attempt/event.h"
#include "gate/gate.h"

typedef enum {
    VERDICT_PASS,
    VERDICT_FAIL,    /* the guest did not do what the case expects */
    VERDICT_ERROR,   /* QEMU or the harness failed */
    VERDICT_TIMEOUT, /* the time limit of the attempt was reached */
    VERDICT_HANG,    /* the time limit without progress was reached */
    VERDICT_PANIC,   /* the kernel panicked */
    VERDICT_SKIP,    /* not run, or stopped early, for a reason outside the case */
} VerdictKind;
#define VERDICT_KINDS (VERDICT_SKIP + 1)

/* One thing that is wrong. */
typedef struct {
    char *text;                            /* a sentence: what happened and what to do */
    char *expected;                        /* or NULL */
    char *actual;                          /* or NULL */
    char *guest_path;                      /* of a file whose content is wrong, or NULL */
    char *expected_sha256, *actual_sha256; /* of that file; NULL if unknown or missing */
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
    gboolean is_repeated; /* its hash comes from an earlier attempt of the same bless */
    gboolean any;         /* any content is accepted */
} ExpectedFile;

/* VERDICT_SKIP or VERDICT_ERROR of a case that did not run. */
Verdict *verdict_new(VerdictKind kind, const char *format, ...) G_GNUC_PRINTF(2, 3);

/* Without findings. */
Verdict *verdict_empty(VerdictKind kind);
void verdict_free(Verdict *verdict);

/* Adds a finding, which takes `text`. */
Finding *verdict_add(Verdict *verdict, char *text);

/* "pass", "fail", "error", ... */
const char *verdict_name(VerdictKind kind);

void expected_file_free(ExpectedFile *file);

G_DEFINE_AUTOPTR_CLEANUP_FUNC(Verdict, verdict_free)
