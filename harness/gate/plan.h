/* The plan: which cases run, on which driver, in which order, and what each needs. Reads gates and
 * checks them against each other. */
#pragma once
#include "gate/gate.h"
#include "gate/golden.h"

typedef struct {
    const Gate *gate;
    const GateCase *gate_case;
    Golden *golden;
    gboolean requested; /* named on the command line, not only needed by another case */
    GArray *needs;      /* of guint: indices of the cases whose outputs this one reads */
    Driver driver;
    char *label;             /* of the gate on that driver */
    char *id;                /* "LABEL/CASE" */
    const char *unsupported; /* why the driver does not support it; or NULL */
    GPtrArray *subtests;     /* globs of the subtests that reports show; NULL: all */
    const char *missing;     /* what this machine lacks for it (run_machine.h); or NULL */
    gssize counterpart; /* index of the same case on the seed kernel, whose files must be equal; or
                           -1 */
} PlanCase;

/* Which drivers the cases run on. PLAN_MADE: the kernel that a case makes (plan_use_made). */
typedef enum { PLAN_SEED, PLAN_LINUX, PLAN_BOTH, PLAN_HEX, PLAN_MADE } PlanDrivers;

typedef struct {
    GPtrArray *gates;     /* of Gate, each after those it needs */
    GHashTable *goldens;  /* gate name -> Golden */
    GPtrArray *cases;     /* of PlanCase, each after those it needs */
    GHashTable *wrong;    /* absolute paths of gate files with mistakes, which are omitted */
    gboolean names_cases; /* some argument named a case, not a gate */
    gboolean sharded;     /* other processes run other parts of the cases */
    gssize maker;         /* index of the case that makes the kernel of PLAN_MADE; or -1 */
    char *made_path;      /* of the kernel among the files of that case: "/Image"; or NULL */
} Plan;

/* Reads the gates that `paths` name, and all gates that these need. A path is a gate file, a folder
 * of *.gate files, or the name of a gate or GATE/CASE below the folder gates. All must be below one
 * root. Mistakes in gate files are added to `mistakes` (mistakes.h); the plan then lacks those
 * gates and the gates that need them. NULL and *error for any other error. */
Plan *plan_read(const char *const *paths, GPtrArray *mistakes, GError **error);

/* The same, but mistakes are errors. */
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
 * need: the shards of all indices together run each requested case once. A shard may be empty. */
void plan_shard(Plan *plan, guint index, guint total);

/* Sets the case that makes the kernel of PLAN_MADE: `output` is "GATE/CASE/PATH". Its gate is read
 * if need be, and it stays in the plan whatever is selected. FALSE and *error. */
gboolean plan_use_made(Plan *plan, const char *output, GError **error);

/* Frees a PlanCase. */
void plan_case_free(gpointer planned);

/* Makes reports show only those subtests of the case that `glob`, or one that was given before,
 * matches: by their name, or by "ID/NAME". */
void plan_case_ask(PlanCase *planned, const char *glob);

/* Whether reports show the subtest of that name. */
gboolean plan_case_asks(const PlanCase *planned, const char *subtest);

/* Sets the driver of a case, and with it its label, its id and whether it is supported. */
void plan_case_set_driver(PlanCase *planned, Driver driver);

/* Sets the drivers; cases are planned for the seed kernel first. With PLAN_BOTH each case is
 * planned twice; with PLAN_MADE those twice that the maker needs. An unsupported case stays, to be
 * reported as skipped, without the cases that only it needs. */
void plan_drive(Plan *plan, PlanDrivers drivers);

/* Whether a case of `gate` expects the golden "CASE/PATH". */
gboolean plan_expects(const Gate *gate, const char *name);

/* Adds to `mistakes` the lines of golden files that no case expects. */
void plan_check_goldens(const Plan *plan, GPtrArray *mistakes);

G_DEFINE_AUTOPTR_CLEANUP_FUNC(Plan, plan_free)
