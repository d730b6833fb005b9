#include "command.h"
#include "session.h"
#include <stdio.h>
#include <string.h>

/* The goldens that the runs gave, gate by gate. */
typedef struct {
    const Plan *plan;
    GHashTable *fresh; /* gate name -> Golden */
    guint not_passed;
} Bless;

static void on_ended(gpointer data, const CaseResult *result) {
    Bless *bless = data;
    const PlanCase *item = result->item;
    if (!item->requested) return;
    if (result->verdict->kind != VERDICT_PASS) {
        bless->not_passed++;
        return;
    }
    Golden *golden = g_hash_table_lookup(bless->fresh, item->gate->name);
    for (guint i = 0; i < item->c->expects->len; i++) {
        const GateExpect *expect = item->c->expects->pdata[i];
        if (expect->source) continue;
        const Event *file = event_log_find_file(result->run->log, expect->guest_path);
        g_hash_table_replace(golden->hashes, g_strconcat(item->c->name, expect->guest_path, NULL),
                             g_strdup(file->sha256));
    }
}

/* Prints what is new, changed and gone; returns how many lines differ. */
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

static gboolean is_requested(const Plan *plan, const Gate *gate) {
    for (guint i = 0; i < plan->cases->len; i++) {
        const PlanCase *item = plan->cases->pdata[i];
        if (item->gate == gate && item->requested) return TRUE;
    }
    return FALSE;
}

static gboolean save_all(const Bless *bless, GError **error) {
    for (guint i = 0; i < bless->plan->gates->len; i++) {
        const Gate *gate = bless->plan->gates->pdata[i];
        const Golden *old = g_hash_table_lookup(bless->plan->goldens, gate->name);
        const Golden *fresh = g_hash_table_lookup(bless->fresh, gate->name);
        if (!is_requested(bless->plan, gate)) continue;
        if (print_changes(gate, old, fresh) == 0)
            printf("%s: nothing has changed\n", gate->name);
        else if (!golden_save(fresh, gate->golden_path, error))
            return FALSE;
    }
    return TRUE;
}

static int run(const char *program, const char *const *arguments, GError **error) {
    (void)program;
    if (run_flags.filter)
        return command_usage(error, "bless records whole gates: --filter does not go with it");
    if (run_flags.driver)
        return command_usage(error, "goldens are what the seed kernel makes: --driver does not go "
                                    "with bless");
    g_autoptr(Plan) plan = session_plan(arguments, error);
    if (!plan) return -1;
    Bless bless = {.plan = plan,
                   .fresh = g_hash_table_new_full(g_str_hash, g_str_equal, g_free,
                                                  (GDestroyNotify)golden_free)};
    for (guint i = 0; i < plan->gates->len; i++)
        g_hash_table_insert(bless.fresh, g_strdup(((Gate *)plan->gates->pdata[i])->name),
                            golden_new());
    int status = session_run(plan, TRUE, on_ended, &bless, error);
    if (status == EXIT_PASSED && !save_all(&bless, error))
        status = -1;
    else if (status > 0)
        printf("no golden was changed: every case must pass, its golden hashes aside\n");
    g_hash_table_unref(bless.fresh);
    return status;
}

static const GOptionEntry options[] = {RUN_FLAG_ENTRIES, {NULL}};

const Command command_bless = {
    .name = "bless",
    .arguments = "GATE...",
    .summary = "Run gates and record what comes out as their goldens",
    .description = "Golden files are rewritten only when every case passes but for its golden\n"
                   "hashes; what changed is shown. Commit them alone and say why.",
    .options = options,
    .run = run,
};
