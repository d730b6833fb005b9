/* A case of a plan. */
#include "gate/inputs_archive.h"
#include "gate/plan.h"
#include "gate/selection.h"

void plan_case_free(gpointer planned_case) {
    PlanCase *planned = planned_case;
    g_array_unref(planned->needs);
    g_clear_pointer(&planned->subtests, g_ptr_array_unref);
    g_free(planned->label);
    g_free(planned->id);
    g_free(planned);
}

void plan_case_ask(PlanCase *planned, const char *glob) {
    if (!planned->subtests) planned->subtests = g_ptr_array_new_with_free_func(g_free);
    g_ptr_array_add(planned->subtests, g_strdup(glob));
}

gboolean plan_case_asks(const PlanCase *planned, const char *subtest) {
    if (!planned->subtests) return TRUE;
    for (guint i = 0; i < planned->subtests->len; i++)
        if (selection_names(planned->subtests->pdata[i], planned->id, subtest)) return TRUE;
    return FALSE;
}

static const char *find_refusal(const GateCase *c, Driver driver) {
    /* A made kernel is a seed kernel. */
    Driver needed = driver == DRIVER_MADE ? DRIVER_SEED : driver;
    if (driver != DRIVER_SEED && c->kernel) return "the case has its own kernel";
    if (!(c->drivers & 1u << needed)) return "the key \"drivers\" of the gate does not name it";
    if (driver == DRIVER_HEX && !inputs_fit_steps((const char *const *)c->argv))
        return "an argument is empty or has a blank, which a line of /steps cannot say";
    return NULL;
}

void plan_case_set_driver(PlanCase *planned, Driver driver) {
    g_free(planned->label);
    g_free(planned->id);
    planned->driver = driver;
    planned->label = driver_label(driver, planned->gate->name);
    planned->id = g_strconcat(planned->label, "/", planned->gate_case->name, NULL);
    planned->unsupported = find_refusal(planned->gate_case, driver);
}
