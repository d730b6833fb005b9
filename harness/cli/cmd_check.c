#include "base/mistakes.h"
#include "base/text.h"
#include "cli/command.h"
#include "gate/gate_case.h"
#include "gate/gate_language.h"
#include "gate/inputs.h"
#include "gate/plan.h"
#include <stdio.h>
#include <string.h>

static gboolean show_keys;

static void append_heading(GString *out, const char *heading) {
    g_string_append_printf(out, "\n%s:\n", heading);
}

static void append_item(GString *out, const char *term, const char *help, const char *example) {
    g_string_append_printf(out, "  %s\n    %s\n", term, help);
    if (example) g_string_append_printf(out, "    Example: %s\n", example);
}

static void print_keys(void) {
    g_autoptr(GString) out = g_string_new(NULL);
    gate_language_append(out, append_heading, append_item);
    fputs(out->str + 1, stdout);
}

static gboolean is_among(const GPtrArray *lines, const char *line) {
    return g_ptr_array_find_with_equal_func((GPtrArray *)lines, line, g_str_equal, NULL);
}

/* Prints the values of the case that are not defaults, and its golden hashes. */
static void print_case(const PlanCase *planned, const GPtrArray *defaults) {
    const GateCase *c = planned->gate_case;
    g_autoptr(GPtrArray) lines = gate_case_lines(c, KEY_FIRST);
    printf("  case %s\n", c->name);
    for (guint i = 0; i < lines->len; i++) {
        if (is_among(defaults, lines->pdata[i])) continue;
        g_autofree char *shown = text_line(lines->pdata[i]);
        printf("    %s\n", shown);
    }
    for (guint i = 0; i < c->expects->len; i++) {
        const GateExpect *expect = c->expects->pdata[i];
        const char *hash = golden_get(planned->golden, c->name, expect->guest_path);
        if (!expect->source && hash)
            printf("    # golden %s: sha256 %.12s\n", expect->guest_path, hash);
    }
}

static void print_plan(const Plan *plan) {
    const Gate *gate = NULL;
    GateCase *empty = gate_case_new(NULL);
    g_autoptr(GPtrArray) defaults = gate_case_lines(empty, 0);
    gate_case_free(empty);
    for (guint i = 0; i < plan->cases->len; i++) {
        const PlanCase *planned = plan->cases->pdata[i];
        if (!planned->requested) continue;
        if (planned->gate != gate)
            printf("gate %s: %s\n", planned->gate->name, planned->gate->proves);
        gate = planned->gate;
        print_case(planned, defaults);
    }
}

/* Adds the mistakes of a case that can be found without a run. */
static void check_case(const PlanCase *planned, GPtrArray *mistakes) {
    const Gate *gate = planned->gate;
    const GateCase *c = planned->gate_case;
    GError *error = NULL;
    inputs_check(gate, c, mistakes);
    for (guint i = 0; i < c->expects->len; i++) {
        const GateExpect *expect = c->expects->pdata[i];
        if (expect->source || golden_get(planned->golden, c->name, expect->guest_path)) continue;
        diag_error(&error, &gate->file, expect->span,
                   "no golden hash of %s is recorded; \"harness bless\" records it",
                   expect->guest_path);
        mistakes_take(mistakes, g_steal_pointer(&error));
    }
    const struct {
        const char *what, *path;
    } files[] = {{"kernel", c->kernel},
                 {"firmware", g_strcmp0(c->firmware, "none") != 0 ? c->firmware : NULL},
                 {"device tree", c->dtb},
                 {"ELF file with symbols", c->symbols}};
    for (guint i = 0; i < G_N_ELEMENTS(files); i++) {
        g_autofree char *path =
            files[i].path ? g_build_filename(gate->root, files[i].path, NULL) : NULL;
        if (!path || g_file_test(path, G_FILE_TEST_IS_REGULAR)) continue;
        diag_error(&error, &gate->file, c->span, "the %s of case \"%s\" does not exist: %s",
                   files[i].what, c->name, path);
        mistakes_take(mistakes, g_steal_pointer(&error));
    }
}

static int run(const Command *const *commands, const char *const *arguments, GError **error) {
    (void)commands;
    if (show_keys) {
        print_keys();
        return EXIT_PASSED;
    }
    if (!*arguments) return command_usage(error, "missing GATE; try: harness check gates");
    g_autoptr(GPtrArray) mistakes = mistakes_new();
    g_autoptr(Plan) plan = plan_read(arguments, mistakes, error);
    if (!plan) return -1;
    plan_check_goldens(plan, mistakes);
    for (guint i = 0; i < plan->cases->len; i++)
        check_case(plan->cases->pdata[i], mistakes);
    if (!mistakes_none(mistakes, error)) return -1;
    print_plan(plan);
    return EXIT_PASSED;
}

static const GOptionEntry options[] = {{"keys", 0, 0, G_OPTION_ARG_NONE, &show_keys,
                                        "Explain every key of gate files and every form of a value",
                                        NULL},
                                       {NULL}};

const Command command_check = {
    .name = "check",
    .arguments = "GATE...",
    .summary = "Check gates and show what they would do, without running them",
    .description =
        "Every mistake of every gate is shown, with file, line, column and a caret; exit status\n"
        "2. Files that gates name must exist, except outputs of other cases.",
    .options = options,
    .run = run,
};
