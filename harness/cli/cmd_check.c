#include "base/mistakes.h"
#include "base/text.h"
#include "cli/command.h"
#include "gate/gate_keys.h"
#include "gate/gate_language.h"
#include "gate/inputs.h"
#include "gate/plan.h"
#include <stdio.h>
#include <string.h>

static gboolean show_keys;

static void append_heading(GString *out, const char *heading) {
    g_string_append_printf(out, "\n%s:\n", heading);
}

static void append_item(GString *out, const char *term, const char *help) {
    g_string_append_printf(out, "  %s\n    %s\n", term, help);
}

static void print_keys(void) {
    for (const GateKey *key = gate_keys; key->name; key++)
        printf("%s%s = %s\n    %s%s\n", key->name, key->flags & KEY_ARGUMENT ? " /PATH" : "",
               key->syntax, key->help,
               (key->flags & KEY_DEFAULT) == KEY_DEFAULT ? " In [gate]: for every case."
               : key->flags & KEY_GATE                   ? " In [gate]."
                                                         : "");
    g_autoptr(GString) values = g_string_new(NULL);
    gate_language_append(values, append_heading, append_item);
    fputs(values->str, stdout);
}

static void print_span(const char *label, const Gate *gate, const char *path, DiagSpan span) {
    printf("    %-7s %s = %.*s\n", label, path, (int)(span.end - span.begin),
           gate->text + span.begin);
}

static void print_case(const PlanCase *planned) {
    const GateCase *c = planned->gate_case;
    printf("  case %s%s%s\n", c->name, c->about ? ": " : "", c->about ? c->about : "");
    for (guint i = 0; i < c->inputs->len; i++) {
        const GateInput *input = c->inputs->pdata[i];
        print_span(input->is_tree ? "tree" : "file", planned->gate, input->guest_path, input->span);
    }
    g_autofree char *argv = c->argv ? g_strjoinv(" ", c->argv) : g_strdup("init");
    if (c->judges_exit) printf("    runs    /init as: %s\n", argv);
    if (c->signal)
        printf("    ends    by a fault, %s\n", strsignal(c->signal));
    else if (c->judges_exit)
        printf("    ends    with status %d\n", c->exit_status);
    for (guint i = 0; i < c->expects->len; i++) {
        const GateExpect *expect = c->expects->pdata[i];
        const char *hash = golden_get(planned->golden, c->name, expect->guest_path);
        if (expect->source)
            print_span("leaves", planned->gate, expect->guest_path, expect->span);
        else
            printf("    leaves  %s, sha256 %.12s\n", expect->guest_path, hash);
    }
    for (guint i = 0; i < c->console->len; i++) {
        gsize length;
        const char *text = g_bytes_get_data(c->console->pdata[i], &length);
        g_autofree char *shown = text_quoted(text, length);
        printf("    prints  %s\n", shown);
    }
    for (guint i = 0; i < c->dialog->len; i++) {
        const DialogStep *step = c->dialog->pdata[i];
        printf("    %-7s \"%s\"", step->kind == DIALOG_SEND ? "sends" : "waits", step->shown);
        if (step->kind == DIALOG_QUIET)
            printf(" and nothing more for %g s", (double)step->quiet_ns / 1e9);
        putchar('\n');
    }
    printf("    limits  %g s in all", (double)c->timeout_ns / 1e9);
    if (c->hang_ns) printf(", %g s without progress", (double)c->hang_ns / 1e9);
    printf("; %" G_GUINT64_FORMAT " MiB; files by %s\n", c->memory_bytes >> 20,
           c->transport == TRANSPORT_DISK ? "disk" : "console");
}

static void print_plan(const Plan *plan) {
    const Gate *gate = NULL;
    for (guint i = 0; i < plan->cases->len; i++) {
        const PlanCase *planned = plan->cases->pdata[i];
        if (!planned->requested) continue;
        if (planned->gate != gate)
            printf("gate %s: %s\n", planned->gate->name, planned->gate->proves);
        gate = planned->gate;
        print_case(planned);
    }
}

/* What can be found wrong with a case without running it. */
static void check_case(const PlanCase *planned, GPtrArray *mistakes) {
    const Gate *gate = planned->gate;
    const GateCase *c = planned->gate_case;
    GError *error = NULL;
    inputs_check(gate, c, mistakes);
    for (guint i = 0; i < c->expects->len; i++) {
        const GateExpect *expect = c->expects->pdata[i];
        if (expect->source || golden_get(planned->golden, c->name, expect->guest_path)) continue;
        diag_error(&error, &gate->file, expect->span,
                   "no golden of %s is recorded; harness bless records it", expect->guest_path);
        mistakes_take(mistakes, g_steal_pointer(&error));
    }
    g_autofree char *kernel = c->kernel ? g_build_filename(gate->root, c->kernel, NULL) : NULL;
    if (!kernel || g_file_test(kernel, G_FILE_TEST_IS_REGULAR)) return;
    diag_error(&error, &gate->file, c->span, "the kernel of case \"%s\" is not there: %s", c->name,
               kernel);
    mistakes_take(mistakes, g_steal_pointer(&error));
}

static int run(const Command *const *commands, const char *const *arguments, GError **error) {
    (void)commands;
    if (show_keys) {
        print_keys();
        return EXIT_PASSED;
    }
    if (!*arguments) return command_usage(error, "no gate is named; try: harness check gates");
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
                                        "Explain every key of gate files, and what values can be",
                                        NULL},
                                       {NULL}};

const Command command_check = {
    .name = "check",
    .arguments = "GATE...",
    .summary = "Read gates and say what they would do, running nothing",
    .description =
        "Every mistake of every gate is shown, with file, line, column and a caret; exit status\n"
        "2. Files that gates name must be there, but for what other cases leave.",
    .options = options,
    .run = run,
};
