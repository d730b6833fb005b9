#include "run/rerun.h"
#include "base/error.h"
#include "record/journal_store.h"
#include "record/record_read.h"

Record *rerun_load(const char *root, GError **error) {
    g_autofree char *folder = g_build_filename(root, "build/journal", NULL);
    g_autofree char *journal = journal_store_newest(folder, error);
    return journal ? record_load(journal, error) : NULL;
}

static gboolean has_failed(const RecordCase *c) {
    return record_result(c)->verdict != VERDICT_PASS;
}

GStrv rerun_gates(const Record *last) {
    g_autoptr(GHashTable) seen = g_hash_table_new(g_str_hash, g_str_equal);
    g_autoptr(GStrvBuilder) paths = g_strv_builder_new();
    for (guint i = 0; i < last->cases->len; i++) {
        const RecordCase *c = last->cases->pdata[i];
        if (has_failed(c) && g_hash_table_add(seen, c->gate->path))
            g_strv_builder_add(paths, c->gate->path);
    }
    return g_strv_builder_end(paths);
}

static const RecordCase *find_case(const Record *last, const PlanCase *planned, Driver driver) {
    g_autofree char *label = driver_label(driver, planned->gate->name);
    g_autofree char *id = g_strconcat(label, "/", planned->gate_case->name, NULL);
    return record_find_case(last, id);
}

static gboolean failed_on(const Record *last, const PlanCase *planned, Driver driver) {
    const RecordCase *c = find_case(last, planned, driver);
    return c && has_failed(c);
}

static gboolean runs_on_linux(const Plan *plan) {
    for (guint i = 0; i < plan->cases->len; i++)
        if (((PlanCase *)plan->cases->pdata[i])->driver == DRIVER_LINUX) return TRUE;
    return FALSE;
}

gboolean rerun_keep(Plan *plan, const Record *last, GError **error) {
    gboolean has_linux = runs_on_linux(plan);
    for (guint i = 0; i < plan->cases->len; i++) {
        PlanCase *planned = plan->cases->pdata[i];
        gboolean on_linux = failed_on(last, planned, DRIVER_LINUX);
        /* Files on Linux are compared with those of the seed kernel, so both cases run again. */
        planned->requested = planned->requested && !planned->unsupported &&
                             (on_linux || failed_on(last, planned, DRIVER_SEED));
        if (!planned->requested || !on_linux || has_linux) continue;
        g_set_error(error, HARNESS_ERROR, HARNESS_ERROR_USAGE,
                    "--failed: %s failed on Linux; repeat the --driver of the last run",
                    planned->id);
        return FALSE;
    }
    if (plan_keep_requested(plan) > 0) return TRUE;
    g_set_error(
        error, HARNESS_ERROR, HARNESS_ERROR_USAGE,
        "--failed: nothing to run again: in the last run, of %s, each of these cases passed "
        "or was not run",
        last->time);
    return FALSE;
}
