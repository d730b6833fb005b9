/* Which driver each case of a plan runs on. */
#include "gate/plan.h"

static PlanCase *get_case(const Plan *plan, guint index) { return plan->cases->pdata[index]; }

/* Adds the case `index` once more, for another driver; `moved` is added to the indices of its
 * needs. The files of the two must be equal. */
static PlanCase *add_copy(Plan *plan, guint index, guint moved, Driver driver) {
    const PlanCase *from = get_case(plan, index);
    PlanCase *planned = g_new0(PlanCase, 1);
    planned->gate = from->gate;
    planned->gate_case = from->gate_case;
    planned->golden = from->golden;
    planned->requested = from->requested;
    planned->counterpart = from->unsupported ? -1 : (gssize)index;
    planned->needs = g_array_copy(from->needs);
    for (guint i = 0; i < planned->needs->len; i++)
        g_array_index(planned->needs, guint, i) += moved;
    plan_case_set_driver(planned, driver);
    g_ptr_array_add(plan->cases, planned);
    return planned;
}

/* Each case comes after those it needs. */
static void refuse_dependents(Plan *plan) {
    for (guint i = 0; i < plan->cases->len; i++) {
        PlanCase *planned = get_case(plan, i);
        for (guint k = 0; !planned->unsupported && k < planned->needs->len; k++)
            planned->unsupported =
                get_case(plan, g_array_index(planned->needs, guint, k))->unsupported;
    }
}

/* An unsupported case does not make the cases that it needs run. */
static void drop_unneeded(Plan *plan) {
    for (guint i = 0; i < plan->cases->len; i++) {
        PlanCase *planned = get_case(plan, i);
        if (planned->unsupported) g_array_set_size(planned->needs, 0);
    }
    plan_keep_requested(plan);
}

/* All cases on the made kernel, which must have been made before; on the seed kernel only those
 * that make it. */
static void drive_made(Plan *plan) {
    guint count = plan->cases->len, maker = (guint)plan->maker;
    for (guint i = 0; i < count; i++) {
        PlanCase *made = add_copy(plan, i, count, DRIVER_MADE);
        g_array_append_val(made->needs, maker);
    }
    for (guint i = 0; i < count; i++)
        get_case(plan, i)->requested = FALSE;
}

void plan_drive(Plan *plan, PlanDrivers drivers) {
    guint count = plan->cases->len;
    if (drivers == PLAN_MADE) drive_made(plan);
    for (guint i = 0; (drivers == PLAN_LINUX || drivers == PLAN_HEX) && i < count; i++)
        plan_case_set_driver(get_case(plan, i), drivers == PLAN_HEX ? DRIVER_HEX : DRIVER_LINUX);
    for (guint i = 0; drivers == PLAN_BOTH && i < count; i++)
        add_copy(plan, i, count, DRIVER_LINUX);
    refuse_dependents(plan);
    drop_unneeded(plan);
}
