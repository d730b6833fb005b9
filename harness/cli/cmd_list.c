#include "base/json_out.h"
#include "cli/command.h"
#include "gate/plan.h"
#include "run/affected.h"
#include "run/subtest_choice.h"
#include <stdio.h>

static char **filters, **affected_files;
static gboolean json;

static void print_text(const Plan *plan) {
    const Gate *gate = NULL;
    for (guint i = 0; i < plan->cases->len; i++) {
        const PlanCase *planned = plan->cases->pdata[i];
        if (!planned->requested) continue;
        if (planned->gate != gate) printf("%s  %s\n", planned->gate->name, planned->gate->proves);
        gate = planned->gate;
        printf("  %s%s%s\n", planned->id, planned->gate_case->about ? "  " : "",
               planned->gate_case->about ? planned->gate_case->about : "");
    }
}

static void append_case(GString *out, const Plan *plan, const PlanCase *planned) {
    json_out_begin(out, NULL, '{');
    json_out_text(out, "id", planned->id);
    json_out_text(out, "gate", planned->gate->name);
    json_out_text(out, "case", planned->gate_case->name);
    json_out_text(out, "about", planned->gate_case->about);
    json_out_text(out, "path", planned->gate->path);
    json_out_text(out, "proves", planned->gate->proves);
    json_out_begin(out, "drivers", '[');
    for (Driver driver = DRIVER_SEED; driver < DRIVERS_NAMED; driver++)
        if (planned->gate_case->drivers & 1u << driver)
            json_out_text(out, NULL, driver_name(driver));
    json_out_end(out, ']');
    json_out_begin(out, "needs", '[');
    for (guint i = 0; i < planned->needs->len; i++) {
        const PlanCase *need = plan->cases->pdata[g_array_index(planned->needs, guint, i)];
        json_out_text(out, NULL, need->id);
    }
    json_out_end(out, ']');
    json_out_end(out, '}');
    g_string_append_c(out, '\n');
}

static void print_json(const Plan *plan) {
    g_autoptr(GString) out = g_string_new(NULL);
    json_out_begin(out, NULL, '[');
    for (guint i = 0; i < plan->cases->len; i++) {
        const PlanCase *planned = plan->cases->pdata[i];
        if (planned->requested) append_case(out, plan, planned);
    }
    json_out_end(out, ']');
    puts(out->str);
}

/* Why each case runs goes before the list, beside what is left out. */
static gboolean keep_affected(Plan *plan, GError **error) {
    g_autofree char *out = g_build_filename(plan_root(plan), "build/out", NULL);
    const AffectedOptions options = {(const char *const *)affected_files, out, NULL};
    g_autoptr(Affected) affected = affected_find(plan, &options, error);
    if (!affected) return FALSE;
    affected_print(affected, plan, TRUE, stderr);
    for (guint i = 0; affected->unknown->len == 0 && i < plan->cases->len; i++) {
        const PlanCase *planned = plan->cases->pdata[i];
        if (planned->requested && affected->reasons->pdata[i])
            fprintf(stderr, "harness: runs: %s: %s\n", planned->id,
                    (char *)affected->reasons->pdata[i]);
    }
    affected_keep(affected, plan);
    return TRUE;
}

static int run(const Command *const *commands, const char *const *arguments, GError **error) {
    (void)commands;
    static const char *const everything[] = {"gates", NULL};
    g_autoptr(Plan) plan = plan_new(*arguments ? arguments : everything, error);
    if (!plan) return -1;
    if (filters && !subtest_choice_filter(plan, (const char *const *)filters, &run_options, error))
        return -1;
    if (affected_files && !keep_affected(plan, error)) return -1;
    (json ? print_json : print_text)(plan);
    return EXIT_PASSED;
}

static const GOptionEntry options[] = {
    {"filter", 'f', 0, G_OPTION_ARG_STRING_ARRAY, &filters,
     "List only cases whose GATE/CASE matches, as for run", "GLOB"},
    {"affected", 0, 0, G_OPTION_ARG_FILENAME_ARRAY, &affected_files,
     "List only cases that run --affected FILE would run; why, and what is left out, goes to "
     "standard error",
     "FILE"},
    {"json", 0, 0, G_OPTION_ARG_NONE, &json,
     "Print a JSON array with an object for each case, for jq", NULL},
    {NULL}};

const Command command_list = {
    .name = "list",
    .arguments = "[GATE...]",
    .summary = "List gates and their cases",
    .description = "Without a GATE, lists the folder gates. The JSON has id, gate, case, about, "
                   "path, proves,\n"
                   "drivers, and needs, the cases whose files the case reads:\n"
                   "  harness list --json | jq -r '.[] | select(.needs == []).id'",
    .options = options,
    .run = run,
};
