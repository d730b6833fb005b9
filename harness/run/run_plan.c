/* The plan that the command line asks for. */
#include "base/error.h"
#include "cli/command.h"
#include "gate/shard.h"
#include "history/history.h"
#include "run/rerun.h"
#include "run/run.h"
#include <stdio.h>
#include <string.h>

/* Guests beyond this number only wait for each other. */
#define JOBS_MAX 256
/* Whoever wants more runs or tries than these has made a mistake of unit. */
#define REPEAT_MAX  1000000
#define RETRIES_MAX 100
/* A machine that is slower than this by a factor is of no use; and 0 would end every case. */
#define TIMEOUT_FACTOR_MIN 0.01
#define TIMEOUT_FACTOR_MAX 1000.0
/* A sign of life that comes less often than once a day is none. */
#define PROGRESS_MAX_S 86400

/* Numbers on the command line, each with its bounds. */
static gboolean check_numbers(GError **error) {
    const struct {
        const char *name;
        double value, min, max;
    } numbers[] = {
        {"jobs", run_options.jobs, 1, JOBS_MAX},
        {"repeat", run_options.repeat, 1, REPEAT_MAX},
        {"retries", run_options.retries, 0, RETRIES_MAX},
        {"max-fail", run_options.max_fail, 0, G_MAXINT},
        {"progress", run_options.progress_s, 0, PROGRESS_MAX_S},
        {"timeout-factor", run_options.timeout_factor, TIMEOUT_FACTOR_MIN, TIMEOUT_FACTOR_MAX}};
    for (guint i = 0; i < G_N_ELEMENTS(numbers); i++) {
        /* Written so that what is no number at all is refused. */
        if (numbers[i].value >= numbers[i].min && numbers[i].value <= numbers[i].max) continue;
        command_usage(error, "--%s takes a number from %.10g to %.10g", numbers[i].name,
                      numbers[i].min, numbers[i].max);
        return FALSE;
    }
    if (!run_options.fail_fast) return TRUE;
    if (run_options.max_fail > 1) {
        command_usage(error, "--fail-fast is --max-fail 1: give one of them");
        return FALSE;
    }
    run_options.max_fail = 1;
    return TRUE;
}

static gboolean check_words(GError **error) {
    if (run_options.quiet && run_options.verbose) {
        command_usage(error, "--quiet shows less and --verbose more: give one of them");
        return FALSE;
    }
    if (run_options.label && !history_is_label(run_options.label)) {
        command_usage(error,
                      "--label takes letters, digits and - _ . / +, a letter first, and not "
                      "\"last\": %s",
                      run_options.label);
        return FALSE;
    }
    return command_check_color(run_options.color, error);
}

static gboolean find_drivers(PlanDrivers *ret, GError **error) {
    static const char *const names[] = {"seed", "linux", "both", NULL};
    G_STATIC_ASSERT(PLAN_LINUX == 1 && PLAN_BOTH == 2);
    const char *wanted = run_options.driver ? run_options.driver : "seed";
    for (guint i = 0; names[i]; i++) {
        if (strcmp(wanted, names[i]) == 0) {
            *ret = (PlanDrivers)i;
            return TRUE;
        }
    }
    command_unknown(error, "--driver takes seed, linux or both", wanted, names);
    return FALSE;
}

/* The part of the cases that is ours; all of them with `whole`. */
static gboolean find_shard(gboolean whole, Shard *ret, GError **error) {
    if (whole && run_options.shard) {
        command_usage(error, "goldens are recorded of whole gates: --shard does not go with bless");
        return FALSE;
    }
    if (!shard_find(run_options.shard, ret, error)) return FALSE;
    if (whole && ret->total > 1) {
        fprintf(stderr, "harness: goldens are recorded of whole gates: the variables that name a "
                        "shard do not count\n");
        *ret = (Shard){0, 1};
    }
    return TRUE;
}

/* Leaves what the flags select. */
static gboolean select_cases(Plan *plan, PlanDrivers drivers, const Shard *shard,
                             const Record *last, GError **error) {
    if (!run_options.filters)
        plan_keep_requested(plan);
    else if (!plan_filter(plan, (const char *const *)run_options.filters, error))
        return FALSE;
    plan_shard(plan, shard->index, shard->total);
    plan_drive(plan, drivers);
    return !last || rerun_keep(plan, last, error);
}

Plan *session_plan(const char *const *paths, gboolean whole, GError **error) {
    Shard shard;
    PlanDrivers drivers;
    g_autoptr(Record) last = NULL;
    g_auto(GStrv) failed = NULL;
    if (!*paths && !run_options.failed) {
        command_usage(error, "no gate is named; try: harness %s gates", whole ? "bless" : "run");
        return NULL;
    }
    if (!check_numbers(error) || !check_words(error) || !find_drivers(&drivers, error) ||
        !find_shard(whole, &shard, error))
        return NULL;
    if (run_options.failed && !*paths) {
        last = rerun_load(".", error);
        if (!last) return NULL;
        failed = rerun_gates(last);
        paths = (const char *const *)failed;
        if (!*paths) {
            command_usage(error, "--failed: every case of the last run, of %s, has passed",
                          last->time);
            return NULL;
        }
    }
    g_autoptr(Plan) plan = plan_new(paths, error);
    if (plan && run_options.failed && !last && !(last = rerun_load(plan_root(plan), error)))
        return NULL;
    if (plan && whole && plan->names_cases) {
        command_usage(error, "bless records whole gates: name the gate, not a case of it");
        return NULL;
    }
    return plan && select_cases(plan, drivers, &shard, last, error) ? g_steal_pointer(&plan) : NULL;
}
