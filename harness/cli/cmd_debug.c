#include "base/error.h"
#include "base/fdio.h"
#include "cli/command.h"
#include "gate/plan.h"
#include "guest/boot.h"
#include "guest/fetch.h"
#include "run/single.h"
#include <errno.h>
#include <stdio.h>
#include <string.h>

static struct {
    gboolean user;
    char *driver, *kernel, *qemu;
} flags;

/* The offset of the entry point in an ELF64 header (System V ABI, "ELF Header", e_entry). */
#define ELF_ENTRY_OFFSET 24

static void on_event(gpointer data, Attempt *attempt, const Event *event) {
    (void)data;
    (void)attempt;
    if (event->kind != EVENT_LINE) return;
    const KernelLine *kernel_line = &event->kernel_line;
    if (kernel_line->kind == LINE_SPAWN)
        printf("[%" G_GUINT64_FORMAT " %s begins]\n", kernel_line->spawn.pid,
               kernel_line->spawn.path);
    else if (kernel_line->kind == LINE_EXIT)
        printf("[%" G_GUINT64_FORMAT " ends: %s %" G_GUINT64_FORMAT "]\n", kernel_line->exit.pid,
               kernel_line->exit.signal ? "signal" : "exit",
               kernel_line->exit.signal ? kernel_line->exit.signal : kernel_line->exit.status);
    else if (kernel_line->kind == LINE_PANIC)
        printf("[panic: %s]\n", kernel_line->text);
    fflush(stdout);
}

static void on_text(gpointer data, Attempt *attempt, const guint8 *text, gsize length) {
    (void)data;
    (void)attempt;
    fwrite(text, 1, length, stdout);
    fflush(stdout);
}

static void on_finished(gpointer data, Attempt *attempt) {
    (void)data;
    printf("[%s]\n", verdict_name(attempt->verdict->kind));
    for (guint i = 0; i < attempt->verdict->findings->len; i++)
        printf("[%s]\n", ((Finding *)attempt->verdict->findings->pdata[i])->text);
}

/* ---- The gdb command ---- */

/* Writes the first program to a file for gdb; *ret_entry is its entry point. */
static char *save_init(const Attempt *attempt, const char *folder, guint64 *ret_entry) {
    gsize size;
    GBytes *init = input_files_find(attempt->inputs->files, "/init");
    const char *data = init ? g_bytes_get_data(init, &size) : NULL;
    if (!data || size < ELF_ENTRY_OFFSET + sizeof *ret_entry || memcmp(data, "\177ELF", 4) != 0)
        return NULL;
    memcpy(ret_entry, data + ELF_ENTRY_OFFSET, sizeof *ret_entry);
    *ret_entry = GUINT64_FROM_LE(*ret_entry);
    g_autofree char *path = g_build_filename(folder, "init", NULL);
    return g_file_set_contents(path, data, (gssize)size, NULL) ? g_steal_pointer(&path) : NULL;
}

static void print_line(const Attempt *attempt, const char *folder, const char *elf) {
    guint64 entry;
    gboolean has_elf = g_file_test(elf, G_FILE_TEST_EXISTS);
    g_autofree char *init = save_init(attempt, folder, &entry);
    printf("The guest waits. In another terminal:\n\n    gdb-multiarch");
    if (has_elf) printf(" %s", elf);
    printf(" -ex 'target remote %s/gdb'", folder);
    if (flags.user && init)
        printf(" -ex 'add-symbol-file %s' -ex 'hbreak *0x%" G_GINT64_MODIFIER "x' -ex continue",
               init, entry);
    else if (has_elf)
        printf(" -ex 'hbreak _start' -ex continue");
    printf(
        "\n\nThe output of the guest appears here; end it with its exit, with gdb's kill, or with "
        "Ctrl-C.\n");
    fflush(stdout);
}

/* ---- The run ---- */

/* The exit status for the verdict, or for an interrupt by the user. */
static int exit_status(const Single *single) {
    VerdictKind kind = single->attempt->verdict->kind;
    return single->interrupted     ? EXIT_INTERRUPTED
           : kind == VERDICT_PASS  ? EXIT_PASSED
           : kind == VERDICT_ERROR ? EXIT_ERROR
                                   : EXIT_FAILED;
}

static int run_case(const PlanCase *planned, const char *root, const char *folder, GError **error) {
    static const AttemptObserver observer = {on_event, on_text, on_finished};
    g_autofree char *out = g_build_filename(folder, "out", NULL);
    g_autofree char *inputs = g_build_filename(root, "build/out", NULL);
    g_autofree char *socket = g_build_filename(folder, "gdb", NULL);
    AttemptOptions options = {.qemu = flags.qemu,
                              .kernel = flags.kernel,
                              .out_root = out,
                              .inputs_root = inputs,
                              .gdb_socket = socket,
                              .any_golden = TRUE};
    AttemptSubject subject = {.gate = planned->gate,
                              .gate_case = planned->gate_case,
                              .golden = planned->golden,
                              .driver = planned->driver};
    Boot boot = {.driver = planned->driver,
                 .gate = planned->gate,
                 .gate_case = planned->gate_case,
                 .seed_kernel = flags.kernel};
    g_autofree char *symbols = boot_symbols(&boot);
    Single single;
    single_start(&single, &subject, &options, &observer, NULL);
    const Event *failed = event_log_find(single.attempt->log, EVENT_ERROR);
    if (!failed) print_line(single.attempt, folder, symbols);
    single_run(&single);
    int status = failed ? -1 : exit_status(&single);
    if (failed) g_set_error(error, HARNESS_ERROR, HARNESS_ERROR_IO, "%s", failed->text);
    single_clear(&single);
    return status;
}

static int refuse_arguments(GError **error) {
    return command_usage(error, "debug needs a gate and a case: harness debug tier1 join, or "
                                "harness debug tier1/join");
}

/* The requested case of that name; with NULL the only requested case. */
static const PlanCase *find_case(const Plan *plan, const char *name) {
    for (guint i = 0; i < plan->cases->len; i++) {
        const PlanCase *planned = plan->cases->pdata[i];
        g_autofree char *id = g_strconcat(planned->gate->name, "/", planned->gate_case->name, NULL);
        if (planned->requested &&
            (!name || strcmp(planned->gate_case->name, name) == 0 || strcmp(id, name) == 0))
            return planned;
    }
    return NULL;
}

static int run(const Command *const *commands, const char *const *arguments, GError **error) {
    (void)commands;
    if (!arguments[0] || (arguments[1] && arguments[2])) return refuse_arguments(error);
    if (flags.driver && strcmp(flags.driver, "seed") != 0 && strcmp(flags.driver, "linux") != 0)
        return command_usage(error, "--driver must be seed or linux");
    const char *const paths[] = {arguments[0], NULL};
    g_autoptr(Plan) plan = plan_new(paths, error);
    if (!plan) return -1;
    plan_drive(plan, g_strcmp0(flags.driver, "linux") == 0 ? PLAN_LINUX : PLAN_SEED);
    if (!arguments[1] && !plan->names_cases) return refuse_arguments(error);
    const PlanCase *planned = find_case(plan, arguments[1]);
    if (!planned)
        return command_usage(error, "%s has no case \"%s\"; harness list %s shows all",
                             arguments[0], arguments[1], arguments[0]);
    if (planned->driver == DRIVER_LINUX && !fetch_linux(plan_root(plan), error)) return -1;
    /* Private (g_mkdtemp): access to the socket is control of the guest. */
    g_autofree char *folder = g_build_filename(g_get_tmp_dir(), "harness-debug-XXXXXX", NULL);
    if (!g_mkdtemp(folder)) {
        error_set_errno(error, errno, "cannot create a folder in %s", g_get_tmp_dir());
        return -1;
    }
    int status = run_case(planned, plan_root(plan), folder, error);
    return fdio_remove_tree(folder, status >= 0 ? error : NULL) ? status : -1;
}

static const GOptionEntry options[] = {
    {"user", 'u', 0, G_OPTION_ARG_NONE, &flags.user,
     "Stop at the first instruction of /init, not of the kernel", NULL},
    {"driver", 'd', 0, G_OPTION_ARG_STRING, &flags.driver, "seed or linux (seed)", "NAME"},
    {"kernel", 'k', 0, G_OPTION_ARG_FILENAME, &flags.kernel, "The seed kernel (build/kernel/Image)",
     "IMAGE"},
    {"qemu", 0, 0, G_OPTION_ARG_FILENAME, &flags.qemu, "QEMU (qemu-system-aarch64)", "PROG"},
    {NULL}};

const Command command_debug = {
    .name = "debug",
    .arguments = "GATE/CASE",
    .summary = "Run one case under gdb",
    .description =
        "The case is named as GATE/CASE, or as a gate file and a case.\n"
        "Starts the guest stopped, with gdb's remote protocol on a private socket, and shows the\n"
        "gdb command to type. There are no time limits. The outputs of other cases that this case\n"
        "reads must be in build/out: run the gate first.\n\n"
        "Exit status: as for run.",
    .options = options,
    .run = run,
};
