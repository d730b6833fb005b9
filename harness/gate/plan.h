/* Which cases run, on which driver, in which order, and what each needs: gates read, checked
 * against each other. */
#pragma once
#include "gate/gate.h"
#include "gate/golden.h"

typedef struct {
    const Gate *gate;
    const GateCase *gate_case;
    Golden *golden;
    gboolean requested; /* named on the command line, not only needed by one that is */
    GArray *needs;      /* of guint: indices of the cases whose outputs this one reads */
    Driver driver;
    char *label;             /* of the gate on that driver */
    char *id;                /* "LABEL/CASE" */
    const char *unsupported; /* why the driver cannot run it; or NULL */
    gssize counterpart; /* the same case on the seed kernel, whose files it must leave; or -1 */
} PlanCase;

/* Which drivers the cases run on. */
typedef enum { PLAN_SEED, PLAN_LINUX, PLAN_BOTH } PlanDrivers;

typedef struct {
    GPtrArray *gates;     /* of Gate, each after those it needs */
    GHashTable *goldens;  /* gate name -> Golden */
    GPtrArray *cases;     /* of PlanCase, each after those it needs */
    GHashTable *wrong;    /* absolute paths of gate files with mistakes, which are left out */
    gboolean names_cases; /* some argument named a case, not a gate */
    gboolean sharded;     /* other processes run other parts of the cases */
} Plan;

/* Reads the gates that `paths` name, and all that they need: gate files, folders whose *.gate are
 * taken, and names of gates or GATE/CASE below the folder gates.
 * All must lie below one root. Mistakes in gate files are added to `mistakes` (mistakes.h); then
 * the plan lacks those gates and what needs them. NULL and *error for anything else. */
Plan *plan_read(const char *const *paths, GPtrArray *mistakes, GError **error);

/* The same, where a mistake is an error. */
Plan *plan_new(const char *const *paths, GError **error);
void plan_free(Plan *plan);

/* The folder that holds gates/ and build/. */
const char *plan_root(const Plan *plan);

/* Keeps the cases of the gates that were named, with what they need of other gates; returns how
 * many are left. */
guint plan_keep_requested(Plan *plan);

/* Keeps the cases whose "GATE/CASE" the patterns select (selection.h; the list ends with NULL),
 * with what they need; of a gate of which only cases were named, among those. FALSE and *error. */
gboolean plan_filter(Plan *plan, const char *const *patterns, GError **error);

/* Keeps every `total`-th requested case from the `index`-th on, counted from 0, with what they
 * need: the shards of all indices together run each requested case once. There may be none. */
void plan_shard(Plan *plan, guint index, guint total);

/* Says on which drivers the cases run; they are planned for the seed kernel first. With PLAN_BOTH
 * each stands there a second time. A case that its driver cannot run stays, to be told, without
 * what it alone needs. */
void plan_drive(Plan *plan, PlanDrivers drivers);

/* Whether some case of `gate` asks for the golden "CASE/PATH". */
gboolean plan_expects(const Gate *gate, const char *name);

/* Adds to `mistakes` the lines of golden files that no case asks for. */
void plan_check_goldens(const Plan *plan, GPtrArray *mistakes);

G_DEFINE_AUTOPTR_CLEANUP_FUNC(Plan, plan_free)
