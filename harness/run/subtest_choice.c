#include "run/subtest_choice.h"
#include "base/error.h"
#include "gate/driver.h"
#include "gate/selection.h"
#include "run/rerun.h"
#include "run/run_reports.h"

typedef struct {
    Plan *plan;
    const RunOptions *options;
    GPtrArray *known;    /* of HistorySubtest; NULL: not asked for yet */
    GPtrArray *patterns; /* of char, for plan_filter */
    GPtrArray *asks;     /* of HistorySubtest: a glob for the subtests of a case */
} Choice;

static void add_journal(GPtrArray *known, const GPtrArray *subtests, const char *id) {
    for (guint i = 0; i < subtests->len; i++)
        g_ptr_array_add(known,
                        history_subtest_new(g_strdup(id),
                                            g_strdup(((const Result *)subtests->pdata[i])->name)));
}

/* What the newest runs printed: the history lacks runs without one, the journal all but one run. */
static const GPtrArray *find_known(Choice *choice) {
    if (choice->known) return choice->known;
    g_autoptr(History) history = run_reports_open_history(choice->options, choice->plan, FALSE);
    choice->known = history ? history_subtests(history, NULL) : NULL;
    if (!choice->known) choice->known = g_ptr_array_new_with_free_func(history_subtest_free);
    g_autoptr(Record) last = rerun_load(plan_root(choice->plan), NULL);
    for (guint i = 0; last && i < last->cases->len; i++) {
        const RecordAttempt *result = record_result(last->cases->pdata[i]);
        add_journal(choice->known, result->subtests, result->record_case->id);
        add_journal(choice->known, result->other_subtests, result->record_case->id);
    }
    return choice->known;
}

static const PlanCase *find_case(const Plan *plan, const char *id) {
    for (guint i = 0; i < plan->cases->len; i++)
        if (g_str_equal(((const PlanCase *)plan->cases->pdata[i])->id, id))
            return plan->cases->pdata[i];
    return NULL;
}

static gboolean matches_case(const Plan *plan, const char *glob) {
    for (guint i = 0; i < plan->cases->len; i++)
        if (selection_matches(glob, ((const PlanCase *)plan->cases->pdata[i])->id)) return TRUE;
    return FALSE;
}

/* Cases and subtests, of which one may be meant. */
static gboolean refuse(Choice *choice, const char *pattern, const char *glob, GError **error) {
    gboolean prints_any = FALSE;
    const GPtrArray *known = find_known(choice);
    g_autoptr(GPtrArray) names = g_ptr_array_new_with_free_func(g_free);
    for (guint i = 0; i < choice->plan->cases->len; i++) {
        const PlanCase *planned = choice->plan->cases->pdata[i];
        prints_any |= planned->gate_case->results != RESULTS_NONE;
        g_ptr_array_add(names, g_strdup(planned->id));
    }
    for (guint i = 0; i < known->len; i++) {
        const HistorySubtest *subtest = known->pdata[i];
        if (!find_case(choice->plan, subtest->case_id)) continue;
        g_ptr_array_add(names, g_strdup(subtest->name));
        g_ptr_array_add(names, g_strdup_printf("%s/%s", subtest->case_id, subtest->name));
    }
    g_ptr_array_add(names, NULL);
    g_autofree char *near = selection_suggest(glob, (const char *const *)names->pdata);
    g_set_error(error, HARNESS_ERROR, HARNESS_ERROR_USAGE,
                "--filter %s: matches no case%s%s%s; harness list shows all", pattern,
                prints_any ? ", and no subtest that a case printed when it ran last" : "",
                driver_hint(pattern), near);
    return FALSE;
}

/* A glob that matches no case. */
static gboolean add_subtests(Choice *choice, const char *pattern, const char *glob,
                             GError **error) {
    const GPtrArray *known = find_known(choice);
    gboolean found = FALSE;
    const char *last = "";
    for (guint i = 0; i < known->len; i++) {
        const HistorySubtest *subtest = known->pdata[i];
        if (!selection_names(glob, subtest->case_id, subtest->name) ||
            !find_case(choice->plan, subtest->case_id))
            continue;
        found = TRUE;
        if (g_str_equal(subtest->case_id, last)) continue;
        last = subtest->case_id;
        g_ptr_array_add(choice->patterns, g_strdup(last));
        g_ptr_array_add(choice->asks, history_subtest_new(g_strdup(last), g_strdup(glob)));
    }
    return found || refuse(choice, pattern, glob, error);
}

static gboolean add_pattern(Choice *choice, const char *pattern, GPtrArray *wholes,
                            GError **error) {
    g_autoptr(GPtrArray) globs = *pattern == '!' ? NULL : selection_expand(pattern, error);
    if (!globs && *pattern != '!') return FALSE;
    gboolean matches_all = TRUE;
    for (guint i = 0; globs && i < globs->len; i++)
        matches_all &= matches_case(choice->plan, globs->pdata[i]);
    /* As it was given, since messages quote it. */
    if (matches_all) g_ptr_array_add(choice->patterns, g_strdup(pattern));
    for (guint i = 0; globs && i < globs->len; i++) {
        const char *glob = globs->pdata[i];
        gboolean is_whole = matches_case(choice->plan, glob);
        if (is_whole) g_ptr_array_add(wholes, g_strdup(glob));
        if (is_whole && !matches_all) g_ptr_array_add(choice->patterns, g_strdup(glob));
        if (!is_whole && !add_subtests(choice, pattern, glob, error)) return FALSE;
    }
    return TRUE;
}

/* A case that is named itself is shown whole. */
static void ask(const Choice *choice, const GPtrArray *wholes) {
    for (guint i = 0; i < choice->asks->len; i++) {
        const HistorySubtest *asked = choice->asks->pdata[i];
        const PlanCase *planned = find_case(choice->plan, asked->case_id);
        gboolean is_whole = FALSE;
        for (guint k = 0; k < wholes->len; k++)
            is_whole |= selection_matches(wholes->pdata[k], asked->case_id);
        if (planned && !is_whole) plan_case_ask((PlanCase *)planned, asked->name);
    }
}

gboolean subtest_choice_filter(Plan *plan, const char *const *patterns, const RunOptions *options,
                               GError **error) {
    g_autoptr(GPtrArray) chosen = g_ptr_array_new_with_free_func(g_free);
    g_autoptr(GPtrArray) asks = g_ptr_array_new_with_free_func(history_subtest_free);
    g_autoptr(GPtrArray) wholes = g_ptr_array_new_with_free_func(g_free);
    Choice choice = {plan, options, NULL, chosen, asks};
    gboolean added = TRUE;
    for (const char *const *pattern = patterns; added && *pattern; pattern++)
        added = add_pattern(&choice, *pattern, wholes, error);
    g_ptr_array_add(chosen, NULL);
    added = added && plan_filter(plan, (const char *const *)chosen->pdata, error);
    if (added) ask(&choice, wholes);
    g_clear_pointer(&choice.known, g_ptr_array_unref);
    return added;
}
