/* Which cases of a plan run: those that are asked for, and what they need. */
#include "base/error.h"
#include "gate/plan.h"
#include "gate/selection.h"
#include <string.h>

static void keep_case(const Plan *plan, gboolean *keep, guint index) {
    const PlanCase *planned = plan->cases->pdata[index];
    keep[index] = TRUE;
    for (guint i = 0; i < planned->needs->len; i++)
        keep_case(plan, keep, g_array_index(planned->needs, guint, i));
}

/* Removes the cases that `keep` does not mark, and renumbers the others. */
static guint keep_cases(Plan *plan, const gboolean *keep) {
    guint count = plan->cases->len, kept = 0;
    g_autofree guint *moved = g_new0(guint, count);
    GPtrArray *cases = g_ptr_array_new_with_free_func(plan_case_free);
    g_ptr_array_set_free_func(plan->cases, NULL);
    for (guint i = 0; i < count; i++) {
        PlanCase *planned = plan->cases->pdata[i];
        if (!keep[i]) {
            plan_case_free(planned);
            continue;
        }
        moved[i] = kept++;
        for (guint k = 0; k < planned->needs->len; k++)
            g_array_index(planned->needs, guint, k) =
                moved[g_array_index(planned->needs, guint, k)];
        if (planned->counterpart >= 0)
            planned->counterpart =
                keep[planned->counterpart] ? (gssize)moved[planned->counterpart] : -1;
        g_ptr_array_add(cases, planned);
    }
    if (plan->maker >= 0) plan->maker = (gssize)moved[plan->maker];
    g_ptr_array_unref(plan->cases);
    plan->cases = cases;
    return kept;
}

guint plan_keep_requested(Plan *plan) {
    g_autofree gboolean *keep = g_new0(gboolean, plan->cases->len);
    for (guint i = 0; i < plan->cases->len; i++)
        if (((PlanCase *)plan->cases->pdata[i])->requested || i == (guint)plan->maker)
            keep_case(plan, keep, i);
    return keep_cases(plan, keep);
}

/* Whether a gate, or any case of it, was named. */
static gboolean is_requested(const Plan *plan, const Gate *gate) {
    for (guint i = 0; i < plan->cases->len; i++) {
        const PlanCase *planned = plan->cases->pdata[i];
        if (planned->gate == gate && planned->requested) return TRUE;
    }
    return FALSE;
}

gboolean plan_filter(Plan *plan, const char *const *patterns, GError **error) {
    guint count = plan->cases->len;
    g_autofree const char **names = g_new0(const char *, count + 1);
    g_autofree gboolean *candidates = g_new0(gboolean, count);
    g_autofree gboolean *selected = g_new0(gboolean, count);
    for (guint i = 0; i < count; i++) {
        const PlanCase *planned = plan->cases->pdata[i];
        names[i] = planned->id;
        selected[i] = planned->requested;
        candidates[i] = planned->requested || !is_requested(plan, planned->gate);
    }
    if (!selection_apply(patterns, names, count, candidates, selected, error)) return FALSE;
    for (guint i = 0; i < count; i++)
        ((PlanCase *)plan->cases->pdata[i])->requested = selected[i];
    if (plan_keep_requested(plan) > 0) return TRUE;
    g_set_error(error, HARNESS_ERROR, HARNESS_ERROR_USAGE,
                "--filter: the patterns with ! exclude every case");
    return FALSE;
}

void plan_shard(Plan *plan, guint index, guint total) {
    guint requested = 0;
    plan->sharded = total > 1;
    if (!plan->sharded) return;
    for (guint i = 0; i < plan->cases->len; i++) {
        PlanCase *planned = plan->cases->pdata[i];
        if (planned->requested) planned->requested = requested++ % total == index;
    }
    plan_keep_requested(plan);
}
