/* Makes the plan from the command line. */
#include "base/usage.h"
#include "gate/shard.h"
#include "run/affected.h"
#include "run/rerun.h"
#include "run/run.h"
#include "run/run_machine.h"
#include "run/subtest_choice.h"
#include <stdio.h>
#include <string.h>

static gboolean find_drivers(const char *driver, PlanDrivers *ret, GError **error) {
    static const char *const names[] = {"seed", "linux", "both", "hex", NULL};
    G_STATIC_ASSERT(PLAN_LINUX == 1 && PLAN_BOTH == 2 && PLAN_HEX == 3);
    const char *wanted = driver ? driver : "seed";
    for (guint i = 0; names[i]; i++) {
        if (strcmp(wanted, names[i]) == 0) {
            *ret = (PlanDrivers)i;
            return TRUE;
        }
    }
    return usage_unknown(error, "--driver must be seed, linux, both or hex", wanted, names);
}

/* --kernel out:... is a driver of its own. */
static gboolean find_made(const RunOptions *options, gboolean whole, PlanDrivers *drivers,
                          GError **error) {
    if (!run_options_made_kernel(options)) return TRUE;
    if (whole) return usage_error(error, "goldens are recorded on the seed kernel that was built");
    if (options->driver)
        return usage_error(error, "--kernel out:... and --driver are mutually exclusive");
    *drivers = PLAN_MADE;
    return TRUE;
}

/* The shard that this process runs; with `whole` all cases. */
static gboolean find_shard(const char *shard, gboolean whole, Shard *ret, GError **error) {
    if (whole && shard)
        return usage_error(error, "bless records whole gates; it does not accept --shard");
    if (!shard_find(shard, ret, error)) return FALSE;
    if (whole && ret->total > 1) {
        fprintf(stderr, "harness: bless records whole gates; it ignores the variables that set a "
                        "shard\n");
        *ret = (Shard){0, 1};
    }
    return TRUE;
}

/* --affected, once it is known which driver each case runs on. */
static gboolean keep_affected(Plan *plan, const RunOptions *options, GError **error) {
    if (!options->affected) return TRUE;
    g_autofree char *out = options->out ? g_strdup(options->out)
                                        : g_build_filename(plan_root(plan), "build/out", NULL);
    const AffectedOptions wanted = {(const char *const *)options->affected, out,
                                    run_options_made_kernel(options) ? NULL : options->kernel};
    g_autoptr(Affected) affected = affected_find(plan, &wanted, error);
    if (!affected) return FALSE;
    affected_print(affected, plan, options->verbose, stderr);
    affected_keep(affected, plan);
    return TRUE;
}

static gboolean select_cases(Plan *plan, const RunOptions *options, PlanDrivers drivers,
                             const Shard *shard, const Record *last, GError **error) {
    if (!options->filters)
        plan_keep_requested(plan);
    else if (!subtest_choice_filter(plan, (const char *const *)options->filters, options, error))
        return FALSE;
    plan_shard(plan, shard->index, shard->total);
    plan_drive(plan, drivers);
    return run_machine_check(plan, options->allow_host, error) &&
           (!last || rerun_keep(plan, last, error)) && keep_affected(plan, options, error);
}

/* --failed without a gate: the gates of the last run, for `ret_paths`. */
static gboolean find_failed(Record **ret_last, GStrv *ret_paths, GError **error) {
    *ret_last = rerun_load(".", error);
    if (!*ret_last) return FALSE;
    *ret_paths = rerun_gates(*ret_last);
    return **ret_paths || usage_error(error, "--failed: every case of the last run, of %s, passed",
                                      (*ret_last)->time);
}

Plan *run_plan(const RunOptions *options, const char *const *paths, gboolean whole,
               GError **error) {
    Shard shard;
    PlanDrivers drivers = PLAN_SEED;
    g_autoptr(Record) last = NULL;
    g_auto(GStrv) failed = NULL;
    if (!*paths && !options->failed) {
        usage_error(error, "missing GATE; try: harness %s gates", whole ? "bless" : "run");
        return NULL;
    }
    if (!run_options_check(options, error) || !find_drivers(options->driver, &drivers, error) ||
        !find_made(options, whole, &drivers, error) ||
        !find_shard(options->shard, whole, &shard, error))
        return NULL;
    if (!*paths) {
        if (!find_failed(&last, &failed, error)) return NULL;
        paths = (const char *const *)failed;
    }
    g_autoptr(Plan) plan = plan_new(paths, error);
    if (plan && options->failed && !last && !(last = rerun_load(plan_root(plan), error)))
        return NULL;
    if (plan && whole && plan->names_cases) {
        usage_error(error, "bless records whole gates; name the gate, not a case of it");
        return NULL;
    }
    if (plan && drivers == PLAN_MADE &&
        !plan_use_made(plan, run_options_made_kernel(options), error))
        return NULL;
    return plan && select_cases(plan, options, drivers, &shard, last, error)
               ? g_steal_pointer(&plan)
               : NULL;
}
