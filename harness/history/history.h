/*
 * The history of costs: an SQLite database with a row for each spawned program of each run. Many
 * harnesses may add to it at once.
 */
#pragma once
#include "record/record.h"

typedef struct _History History;

/* Its path below the root: not in build/, which may be removed. */
#define HISTORY_FILE ".harness/history.db"

/* The path of the history of `root` (NULL: the current folder): `wanted` if given, else the
 * variable HARNESS_HISTORY, else HISTORY_FILE below the root. NULL for an empty name: no history.
 * Free with g_free. */
char *history_path(const char *root, const char *wanted);

/* Opens the database at `path`, and creates it with `create`. NULL and *error. */
History *history_open(const char *path, gboolean create, GError **error);
void history_free(History *history);

/* Adds the attempts of a complete run and their spawns. `label` names the run, or
 * is NULL. */
gboolean history_add(History *history, const Record *record, const char *label, GError **error);

/* The path of what is a subtest and no program: it takes the host's time, -1 where that is unknown;
 * its name is the argument, its ResultKind the status. */
#define HISTORY_SUBTEST "subtest"

/* A machine that runs come from. */
typedef struct {
    gint64 number; /* 1: the one that the history is of */
    char *uuid;    /* random, kept in the history, the same wherever its runs are imported */
    char *name;    /* chosen by users, or the processor's */
    guint runs;
} HistoryMachine;

/* Whether a machine can have that name: some UTF-8, at most 100 bytes. */
gboolean history_is_machine(const char *name);

/* Gives the history's own machine an id and a name, unless it has them. */
gboolean history_name_machine(History *history, GError **error);

/* The machines whose runs the history has; of HistoryMachine. NULL and *error. */
GPtrArray *history_machines(History *history, GError **error);

/* From here on the other functions see the runs of that machine alone, with its own numbers;
 * history_add adds to machine 1 all the same. */
void history_choose(History *history, const HistoryMachine *machine);

/* The same by name or id. FALSE and *error (HARNESS_ERROR_USAGE) if there is not one. */
gboolean history_choose_named(History *history, const char *name, GError **error);

/* The name of the chosen machine on one line, "" if it has none. Free with g_free. */
char *history_machine_name(History *history);

/* Gives the chosen machine another name (history_is_machine). */
gboolean history_rename(History *history, const char *name, GError **error);

/* Whether a run can have that label: it must not be a range of runs (perf.h). */
gboolean history_is_label(const char *label);

/* Removes all but the newest `keep` runs; *ret_removed is their number. */
gboolean history_prune(History *history, guint keep, guint *ret_removed, GError **error);

/* The runs from number first to number last. */
typedef struct {
    gint64 first, last;
} HistoryRange;

/* The number of the newest run; 0 if there is none. */
gint64 history_newest(History *history);

/* The newest run that counted instructions, or took time; 0 if there is none. */
gint64 history_newest_of(History *history, gboolean icount);

/* The runs of that label, from the first to the last. *ret_others is the number of runs without it
 * in between. FALSE and *error if there is none. */
gboolean history_labelled(History *history, const char *label, HistoryRange *ret_range,
                          guint *ret_others, GError **error);

typedef struct {
    gint64 run;
    double value; /* milliseconds, or instructions */
} HistoryPoint;

/* The cost of a program in a case, run by run. */
typedef struct {
    char *case_id;
    char *program; /* "/init: catm /out /a", "subtest: NAME", or "" for the whole run of the case */
    guint spawns;  /* of it in the newest run; the points are means over them */
    GArray *points; /* of HistoryPoint, by run */
} HistorySeries;

/*
 * The series of cases whose id matches `glob`, of attempts that passed, in runs of `range`. With
 * `icount` those that counted instructions, else those that took time. In the order of cases and
 * of first spawns; free with g_ptr_array_unref. NULL and *error.
 */
GPtrArray *history_series(History *history, const char *glob, gboolean icount, HistoryRange range,
                          GError **error);

/* The same for each whole case, in its newest `runs` runs: its duration, or the cost of init with
 * all it spawned. */
GPtrArray *history_totals(History *history, gboolean icount, guint runs, GError **error);

typedef struct {
    char *case_id;
    char *name;
} HistorySubtest;

/* The subtests that each case printed in the newest run in which it printed any; of HistorySubtest.
 * NULL and *error. */
GPtrArray *history_subtests(History *history, GError **error);

/* A HistorySubtest; takes its strings. history_subtest_free is the function of a list of them. */
HistorySubtest *history_subtest_new(char *case_id, char *name);
void history_subtest_free(gpointer subtest);

/* What a run with --coverage covered. */
typedef struct {
    char *time;  /* ISO 8601 */
    char *cases; /* which were counted: runs of the same can be compared */
    char *label; /* or NULL */
    guint lines, lines_hit, functions, functions_hit;
} HistoryRate;

void history_rate_free(gpointer rate);

/* FALSE and *error. */
gboolean history_add_rate(History *history, const HistoryRate *rate, GError **error);

/* The newest 10,000, oldest first; of HistoryRate. NULL and *error. */
GPtrArray *history_rates(History *history, GError **error);

/* A row of `perf runs`. */
typedef struct {
    gint64 run;
    char *time; /* ISO 8601 */
    char *qemu, *kernel_sha256;
    char *label; /* or NULL */
    gboolean icount;
    guint passed, attempts, spawns;
} HistoryRun;

/* The newest `count` runs, oldest first; of HistoryRun. */
GPtrArray *history_runs(History *history, guint count, GError **error);

/* The median duration of the last passes of a case in nanoseconds; -1 if unknown. */
gint64 history_expected_ns(History *history, const char *case_id, gboolean icount);

G_DEFINE_AUTOPTR_CLEANUP_FUNC(History, history_free)
