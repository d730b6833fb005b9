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

static gboolean runs_on(const Plan *plan, Driver driver) {
    for (guint i = 0; i < plan->cases->len; i++)
        if (((PlanCase *)plan->cases->pdata[i])->driver == driver) return TRUE;
    return FALSE;
}

/* FALSE and *error if the case failed on a driver that is not in the plan. */
static gboolean check_drivers(const Plan *plan, const Record *last, const PlanCase *planned,
                              GError **error) {
    static const struct {
        Driver driver;
        const char *where, *option;
    } others[] = {{DRIVER_LINUX, "on Linux", "--driver"},
                  {DRIVER_HEX, "on K0", "--driver"},
                  {DRIVER_MADE, "on the kernel that was made", "--kernel"}};
    for (guint i = 0; i < G_N_ELEMENTS(others); i++) {
        if (!failed_on(last, planned, others[i].driver) || runs_on(plan, others[i].driver))
            continue;
        g_set_error(error, HARNESS_ERROR, HARNESS_ERROR_USAGE,
                    "--failed: %s failed %s; repeat the %s of the last run", planned->id,
                    others[i].where, others[i].option);
        return FALSE;
    }
    return TRUE;
}

static gboolean failed_anywhere(const Record *last, const PlanCase *planned) {
    for (Driver driver = 0; driver < DRIVERS; driver++)
        if (failed_on(last, planned, driver)) return TRUE;
    return FALSE;
}

gboolean rerun_keep(Plan *plan, const Record *last, GError **error) {
    for (guint i = 0; i < plan->cases->len; i++) {
        PlanCase *planned = plan->cases->pdata[i];
        /* Files are compared with those of the counterpart on the seed kernel, so both run again.
         */
        planned->requested =
            planned->requested && !planned->unsupported && failed_anywhere(last, planned);
        if (planned->requested && !check_drivers(plan, last, planned, error)) return FALSE;
    }
    if (plan_keep_requested(plan) > 0) return TRUE;
    g_set_error(
        error, HARNESS_ERROR, HARNESS_ERROR_USAGE,
        "--failed: nothing to run again: in the last run, of %s, each of these cases passed "
        "or was not run",
        last->time);
    return FALSE;
}
