/* A case of a plan. */
#include "gate/inputs_archive.h"
#include "gate/plan.h"

void plan_case_free(gpointer planned_case) {
    PlanCase *planned = planned_case;
    g_array_unref(planned->needs);
    g_free(planned->label);
    g_free(planned->id);
    g_free(planned);
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
