#include "cli/command.h"
#include "run/run.h"
#include <stdio.h>
#include <string.h>

/* The goldens of this run, gate by gate. */
typedef struct {
    const Plan *plan;
    GHashTable *seen; /* gate name -> Golden: hashes from cases that passed */
} Bless;

static void on_ended(gpointer data, const CaseResult *result) {
    Bless *bless = data;
    const PlanCase *planned = result->planned;
    if (!planned->requested || result->verdict->kind != VERDICT_PASS) return;
    Golden *golden = g_hash_table_lookup(bless->seen, planned->gate->name);
    for (guint i = 0; i < planned->gate_case->expects->len; i++) {
        const GateExpect *expect = planned->gate_case->expects->pdata[i];
        if (expect->source) continue;
        const Event *file = event_log_find_file(result->attempt->log, expect->guest_path);
        g_hash_table_replace(golden->hashes,
                             g_strconcat(planned->gate_case->name, expect->guest_path, NULL),
                             g_strdup(file->sha256));
    }
}

static void copy_hash(Golden *golden, const char *name, const char *hash) {
    g_hash_table_replace(golden->hashes, g_strdup(name), g_strdup(hash));
}

/* The new golden file: new hashes, and the old ones of cases that did not run, but no hash that no
 * case expects. */
static Golden *merge(const Gate *gate, const Golden *old, const Golden *seen) {
    Golden *fresh = golden_new();
    GHashTableIter iter;
    gpointer name, hash;
    g_hash_table_iter_init(&iter, old->hashes);
    while (g_hash_table_iter_next(&iter, &name, &hash))
        if (plan_expects(gate, name)) copy_hash(fresh, name, hash);
    g_hash_table_iter_init(&iter, seen->hashes);
    while (g_hash_table_iter_next(&iter, &name, &hash))
        copy_hash(fresh, name, hash);
    return fresh;
}

/* Prints new, changed and removed lines; returns their number. */
static guint print_changes(const Gate *gate, const Golden *old, const Golden *fresh) {
    guint changes = 0;
    GHashTableIter iter;
    gpointer name, hash;
    g_hash_table_iter_init(&iter, fresh->hashes);
    while (g_hash_table_iter_next(&iter, &name, &hash)) {
        const char *before = g_hash_table_lookup(old->hashes, name);
        if (before && strcmp(before, hash) == 0) continue;
        printf("%s/%s: %.12s%s%.12s\n", gate->name, (char *)name, before ? before : "",
               before ? " -> " : "new, ", (char *)hash);
        changes++;
    }
    g_hash_table_iter_init(&iter, old->hashes);
    while (g_hash_table_iter_next(&iter, &name, NULL)) {
        if (g_hash_table_contains(fresh->hashes, name)) continue;
        printf("%s/%s: no longer expected\n", gate->name, (char *)name);
        changes++;
    }
    return changes;
}

/* Reports the goldens that are kept because their cases did not run. */
static void print_kept(const Gate *gate, const Golden *fresh, const Golden *seen) {
    GHashTableIter iter;
    gpointer name;
    guint kept = 0;
    g_hash_table_iter_init(&iter, fresh->hashes);
    while (g_hash_table_iter_next(&iter, &name, NULL))
        kept += !g_hash_table_contains(seen->hashes, name);
    if (kept > 0) printf("%s: kept %u goldens of cases that did not run\n", gate->name, kept);
}

static gboolean is_requested(const Plan *plan, const Gate *gate) {
    for (guint i = 0; i < plan->cases->len; i++) {
        const PlanCase *planned = plan->cases->pdata[i];
        if (planned->gate == gate && planned->requested) return TRUE;
    }
    return FALSE;
}

static gboolean save_all(const Bless *bless, GError **error) {
    for (guint i = 0; i < bless->plan->gates->len; i++) {
        const Gate *gate = bless->plan->gates->pdata[i];
        const Golden *old = g_hash_table_lookup(bless->plan->goldens, gate->name);
        const Golden *seen = g_hash_table_lookup(bless->seen, gate->name);
        if (!is_requested(bless->plan, gate)) continue;
        g_autoptr(Golden) fresh = merge(gate, old, seen);
        print_kept(gate, fresh, seen);
        if (print_changes(gate, old, fresh) == 0)
            printf("%s: no change\n", gate->name);
        else if (!golden_save(fresh, gate->golden_path, error))
            return FALSE;
    }
    return TRUE;
}

/* On Linux only goldens are recorded that no seed kernel can make. */
static gboolean keep_linux_cases(Plan *plan, GError **error) {
    for (guint i = 0; i < plan->cases->len; i++) {
        PlanCase *planned = plan->cases->pdata[i];
        planned->requested =
            planned->requested && planned->gate_case->drivers == 1u << DRIVER_LINUX;
    }
    if (plan_keep_requested(plan) > 0) return TRUE;
    command_usage(error, "goldens are recorded on the seed kernel, and no case of these gates has "
                         "\"drivers = linux\": omit --driver");
    return FALSE;
}

static gboolean check_flags(GError **error) {
    const char *selects = run_options.filters                             ? "--filter"
                          : run_options.failed                            ? "--failed"
                          : run_options.affected                          ? "--affected"
                          : run_options.fail_fast || run_options.max_fail ? "--max-fail"
                                                                          : NULL;
    if (selects)
        command_usage(error, "bless records whole gates; it does not accept %s", selects);
    else if (run_options.driver && strcmp(run_options.driver, "linux") != 0)
        command_usage(error,
                      "bless accepts only --driver linux, for cases with \"drivers = linux\"");
    else
        return TRUE;
    return FALSE;
}

static int run(const Command *const *commands, const char *const *arguments, GError **error) {
    (void)commands;
    if (!check_flags(error)) return -1;
    g_autoptr(Plan) plan = run_plan(&run_options, arguments, TRUE, error);
    if (!plan || (run_options.driver && !keep_linux_cases(plan, error))) return -1;
    g_autoptr(GHashTable) seen =
        g_hash_table_new_full(g_str_hash, g_str_equal, g_free, (GDestroyNotify)golden_free);
    for (guint i = 0; i < plan->gates->len; i++)
        g_hash_table_insert(seen, g_strdup(((Gate *)plan->gates->pdata[i])->name), golden_new());
    Bless bless = {plan, seen};
    int status = run_cases(&run_options, plan, seen, on_ended, &bless, error);
    if (status == EXIT_PASSED && !save_all(&bless, error)) return -1;
    if (status > 0)
        printf("no golden was changed: every case must pass except for its golden hashes\n");
    return status;
}

static const GOptionEntry options[] = {{NULL}};

const Command command_bless = {
    .name = "bless",
    .arguments = "GATE...",
    .summary = "Run gates and record their outputs as goldens",
    .description =
        "Golden files are rewritten only if every case passes except for its golden hashes;\n"
        "with --repeat every run must leave the same files. Changes are shown.\n"
        "Goldens of cases that did not run are kept. Commit goldens alone and say why.",
    .shared = COMMAND_WHOLE | COMMAND_RUNS,
    .options = options,
    .run = run,
};
