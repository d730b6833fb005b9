#include "boot.h"
#include "command.h"
#include "error.h"
#include "fetch.h"
#include "outputs.h"
#include "plan.h"
#include "run.h"
#include "signals.h"
#include <errno.h>
#include <stdio.h>
#include <string.h>

static struct {
    gboolean user;
    char *driver, *kernel, *qemu;
} flags;

/* Where the entry stands in an ELF64 header (System V ABI, "ELF Header", e_entry). */
#define ELF_ENTRY_OFFSET 24

typedef struct {
    GMainLoop *loop;
    Run *run; /* NULL: it has not begun */
    gboolean interrupted;
} Debug;

static void on_event(gpointer data, Run *run, const Event *event) {
    (void)data;
    (void)run;
    if (event->kind != EVENT_FRAME) return;
    const Frame *frame = &event->frame;
    if (frame->kind == FRAME_SPAWN)
        printf("[%" G_GUINT64_FORMAT " %s begins]\n", frame->spawn.pid, frame->spawn.path);
    else if (frame->kind == FRAME_EXIT)
        printf("[%" G_GUINT64_FORMAT " ends: %s %" G_GUINT64_FORMAT "]\n", frame->exit.pid,
               frame->exit.signal ? "signal" : "exit",
               frame->exit.signal ? frame->exit.signal : frame->exit.status);
    else if (frame->kind == FRAME_PANIC)
        printf("[panic: %s]\n", frame->text);
    fflush(stdout);
}

static void on_text(gpointer data, Run *run, const guint8 *text, gsize length) {
    (void)data;
    (void)run;
    fwrite(text, 1, length, stdout);
    fflush(stdout);
}

static void on_finished(gpointer data, Run *run) {
    printf("[%s]\n", verdict_name(run->verdict->kind));
    for (guint i = 0; i < run->verdict->findings->len; i++)
        printf("[%s]\n", ((Finding *)run->verdict->findings->pdata[i])->text);
    g_main_loop_quit(((Debug *)data)->loop);
}

static void on_signal(gpointer data, int number) {
    Debug *debug = data;
    debug->interrupted = TRUE;
    run_interrupt(debug->run, signals_name(number));
}

/* ---- What to type ---- */

/* The program that runs first, in a file for gdb; *ret_entry is where it begins. */
static char *save_init(const Run *run, const char *folder, guint64 *ret_entry) {
    gsize size;
    GBytes *init = inputs_find(run->inputs->files, "/init");
    const char *data = init ? g_bytes_get_data(init, &size) : NULL;
    if (!data || size < ELF_ENTRY_OFFSET + sizeof *ret_entry || memcmp(data, "\177ELF", 4) != 0)
        return NULL;
    memcpy(ret_entry, data + ELF_ENTRY_OFFSET, sizeof *ret_entry);
    *ret_entry = GUINT64_FROM_LE(*ret_entry);
    g_autofree char *path = g_build_filename(folder, "init", NULL);
    return g_file_set_contents(path, data, (gssize)size, NULL) ? g_steal_pointer(&path) : NULL;
}

static void print_line(const Run *run, const char *folder, const char *image) {
    guint64 entry;
    g_autofree char *beside = g_path_get_dirname(image);
    g_autofree char *elf = g_build_filename(beside, "kernel.elf", NULL);
    gboolean has_elf = g_file_test(elf, G_FILE_TEST_EXISTS);
    g_autofree char *init = save_init(run, folder, &entry);
    printf("The guest waits. In another terminal:\n\n    gdb-multiarch");
    if (has_elf) printf(" %s", elf);
    printf(" -ex 'target remote %s/gdb'", folder);
    if (flags.user && init)
        printf(" -ex 'add-symbol-file %s' -ex 'hbreak *0x%" G_GINT64_MODIFIER "x' -ex continue",
               init, entry);
    else if (has_elf)
        printf(" -ex 'hbreak _start' -ex continue");
    printf("\n\nWhat the guest prints comes here; it ends with its run, with gdb's kill, or with "
           "Ctrl-C.\n");
    fflush(stdout);
}

/* ---- The run ---- */

/* The verdict's; one that the user ended has none. */
static int exit_status(const Debug *debug) {
    VerdictKind kind = debug->run->verdict->kind;
    return debug->interrupted      ? EXIT_INTERRUPTED
           : kind == VERDICT_PASS  ? EXIT_PASSED
           : kind == VERDICT_ERROR ? EXIT_TROUBLE
                                   : EXIT_FAILED;
}

static int run_case(const PlanCase *item, const char *root, const char *folder, GError **error) {
    static const RunObserver observer = {on_event, on_text, on_finished};
    g_autofree char *out = g_build_filename(folder, "out", NULL);
    g_autofree char *inputs = g_build_filename(root, "build/out", NULL);
    g_autofree char *socket = g_build_filename(folder, "gdb", NULL);
    RunOptions options = {.qemu = flags.qemu,
                          .kernel = flags.kernel,
                          .out_root = out,
                          .inputs_root = inputs,
                          .gdb_socket = socket,
                          .any_golden = TRUE};
    RunSubject subject = {
        .gate = item->gate, .c = item->c, .golden = item->golden, .driver = item->driver};
    Boot boot = {
        .driver = item->driver, .gate = item->gate, .c = item->c, .seed_kernel = flags.kernel};
    g_autofree char *image = boot_kernel(&boot);
    Debug debug = {.loop = g_main_loop_new(NULL, FALSE)};
    /* What comes from here on is told from the main loop, so that the folder is removed. */
    signals_catch(on_signal, &debug);
    command_tell_confinement();
    debug.run = run_start(&subject, &options, &observer, &debug);
    const Event *trouble = event_log_find(debug.run->log, EVENT_TROUBLE);
    if (!trouble) print_line(debug.run, folder, image);
    g_main_loop_run(debug.loop);
    signals_release();
    int status = trouble ? -1 : exit_status(&debug);
    if (trouble) g_set_error(error, HARNESS_ERROR, HARNESS_ERROR_IO, "%s", trouble->text);
    run_free(debug.run);
    g_main_loop_unref(debug.loop);
    return status;
}

static int refuse_arguments(GError **error) {
    return command_usage(error, "debug takes a gate and a case: harness debug tier1 join, or "
                                "harness debug tier1/join");
}

/* The case of that name among those that were asked for; NULL: the only one. */
static const PlanCase *find_case(const Plan *plan, const char *name) {
    for (guint i = 0; i < plan->cases->len; i++) {
        const PlanCase *item = plan->cases->pdata[i];
        g_autofree char *id = g_strconcat(item->gate->name, "/", item->c->name, NULL);
        if (item->requested && (!name || strcmp(item->c->name, name) == 0 || strcmp(id, name) == 0))
            return item;
    }
    return NULL;
}

static int run(const char *program, const char *const *arguments, GError **error) {
    (void)program;
    if (!arguments[0] || (arguments[1] && arguments[2])) return refuse_arguments(error);
    if (flags.driver && strcmp(flags.driver, "seed") != 0 && strcmp(flags.driver, "linux") != 0)
        return command_usage(error, "--driver takes seed or linux");
    const char *const paths[] = {arguments[0], NULL};
    g_autoptr(Plan) plan = plan_new(paths, error);
    if (!plan) return -1;
    plan_drive(plan, g_strcmp0(flags.driver, "linux") == 0 ? PLAN_LINUX : PLAN_SEED);
    if (!arguments[1] && !plan->names_cases) return refuse_arguments(error);
    const PlanCase *item = find_case(plan, arguments[1]);
    if (!item)
        return command_usage(error, "%s has no case \"%s\"; harness list %s shows all",
                             arguments[0], arguments[1], arguments[0]);
    if (item->driver == DRIVER_LINUX && !fetch_linux(plan_root(plan), error)) return -1;
    /* Nobody else's: who can reach the socket owns the guest. g_mkdtemp makes it so. */
    g_autofree char *folder = g_build_filename(g_get_tmp_dir(), "harness-debug-XXXXXX", NULL);
    if (!g_mkdtemp(folder)) {
        error_set_errno(error, errno, "cannot make a folder in %s", g_get_tmp_dir());
        return -1;
    }
    int status = run_case(item, plan_root(plan), folder, error);
    return outputs_remove_tree(folder, status >= 0 ? error : NULL) ? status : -1;
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
        "Starts the guest stopped, with gdb's remote protocol on a socket that is private to you,\n"
        "and shows the line to type. There are no time limits. What other cases left for this one\n"
        "must be in build/out: run the gate first.\n\n"
        "Exit status: as run's.",
    .options = options,
    .run = run,
};
