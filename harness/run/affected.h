/* --affected FILE: the cases that a change of these files can reach. */
#pragma once
#include "gate/plan.h"
#include <stdio.h>

typedef struct {
    const char *const *paths; /* end with NULL; "-": read from standard input, one a line */
    const char *out_root;
    const char *seed_kernel; /* or NULL: that of the root */
} AffectedOptions;

typedef struct {
    GPtrArray *reasons; /* for each case of the plan why it runs, or NULL */
    GPtrArray *unknown; /* of char *: the files because of which every case runs */
    guint files;        /* how many were named */
    guint spared;       /* cases left out since they run none of the code of a changed source */
} Affected;

/*
 * Finds the cases whose inputs the files are, whose programs are made from them and, as far as the
 * last coverage tells, run their code, and those that follow; every case if of one of the files
 * nothing is known. The plan already has its drivers. NULL and *error (HARNESS_ERROR_USAGE).
 */
Affected *affected_find(const Plan *plan, const AffectedOptions *options, GError **error);
void affected_free(Affected *affected);

/* Says what is left out and why, with the names of the cases if `names`. */
void affected_print(const Affected *affected, const Plan *plan, gboolean names, FILE *out);

/* Keeps the requested cases that are affected, with what they need; there may be none. */
void affected_keep(const Affected *affected, Plan *plan);

G_DEFINE_AUTOPTR_CLEANUP_FUNC(Affected, affected_free)
