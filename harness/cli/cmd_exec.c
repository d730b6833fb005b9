#include "attempt/calls.h"
#include "base/error.h"
#include "base/fdio.h"
#include "base/quantity.h"
#include "base/usage.h"
#include "cli/command.h"
#include "cli/exec_files.h"
#include "guest/boot.h"
#include "guest/fetch.h"
#include "run/single.h"
#include <errno.h>
#include <poll.h>
#include <stdio.h>
#include <string.h>
#include <sys/stat.h>
#include <unistd.h>

/* As timeout(1). */
#define EXIT_TIMEOUT 124

static struct {
    char **files, **settings;
    char *input, *out, *kernel, *qemu, *driver, *timeout;
    gboolean icount;
} flags;

/* The case that runs the program of the command line; its files are added to it. */
static const char case_text[] = "[gate]\n"
                                "proves = one program runs\n"
                                "[case exec]\n"
                                "file /init = \"\"\n"
                                "exit = 0\n"
                                "transport = disk\n"
                                "timeout = 24h\n"
                                "hang = off\n";

typedef struct {
    gboolean newline; /* a newline is held back, since it may be the kernel's */
} Exec;

static void print_newline(Exec *exec) {
    if (exec->newline) putchar('\n');
    exec->newline = FALSE;
}

static void on_event(gpointer data, Attempt *attempt, const Event *event) {
    Exec *exec = data;
    (void)attempt;
    if (event->kind != EVENT_LINE) return;
    if (event->kernel_line.newline_added) exec->newline = FALSE;
    print_newline(exec);
    fflush(stdout);
}

static void on_text(gpointer data, Attempt *attempt, const guint8 *text, gsize length) {
    Exec *exec = data;
    (void)attempt;
    if (length == 0) return;
    print_newline(exec);
    exec->newline = text[length - 1] == '\n';
    fwrite(text, 1, length - exec->newline, stdout);
    fflush(stdout);
}

static void on_finished(gpointer data, Attempt *attempt) {
    (void)attempt;
    print_newline(data);
}

/* Prints the likely reason of a failure. */
static void print_missing_calls(const EventLog *log) {
    g_auto(GStrv) missing = calls_missing(log);
    for (char **line = missing; *line; line++)
        fprintf(stderr, "harness: %s\n", *line);
}

/* Whether standard input was redirected. Without --stdin it is left alone, so that a loop of a
 * shell keeps its own input. */
static gboolean has_input(void) {
    struct stat status;
    if (fstat(STDIN_FILENO, &status) != 0) return FALSE;
    if (S_ISREG(status.st_mode)) return lseek(STDIN_FILENO, 0, SEEK_CUR) < status.st_size;
    struct pollfd input = {STDIN_FILENO, POLLIN, 0};
    gboolean is_pipe = S_ISFIFO(status.st_mode) || S_ISSOCK(status.st_mode);
    return is_pipe && poll(&input, 1, 0) == 1 && (input.revents & POLLIN);
}

/* Every end of init is valid here and becomes our exit status, as in a shell. */
static int exit_status(const Attempt *attempt, GError **error) {
    const Event *end = event_log_find_line(attempt->log, LINE_END);
    if (end) {
        if (end->kernel_line.end.status > 128 && attempt->diagnosis)
            fprintf(stderr, "harness: %s", attempt->diagnosis);
        if (end->kernel_line.end.status != 0) print_missing_calls(attempt->log);
        return (int)end->kernel_line.end.status;
    }
    const Finding *reason = attempt->verdict->findings->pdata[0];
    if (attempt->verdict->kind == VERDICT_TIMEOUT) {
        fprintf(stderr, "harness: %s\n%s", reason->text,
                attempt->diagnosis ? attempt->diagnosis : "");
        return EXIT_TIMEOUT;
    }
    g_set_error(error, HARNESS_ERROR, HARNESS_ERROR_QEMU, "%s%s%s", reason->text,
                attempt->diagnosis ? "\n" : "", attempt->diagnosis ? attempt->diagnosis : "");
    return -1;
}

static int run_case(const Gate *gate, Driver driver, const char *out_root, GError **error) {
    static const AttemptObserver observer = {on_event, on_text, on_finished};
    g_autofree char *built = boot_seed_kernel(gate->root);
    AttemptOptions options = {.qemu = flags.qemu,
                              .kernel = flags.kernel ? flags.kernel : built,
                              .out_root = out_root,
                              .icount = flags.icount};
    g_autoptr(Golden) golden = golden_new();
    Exec exec = {0};
    Single single;
    AttemptSubject subject = {
        .gate = gate, .gate_case = gate->cases->pdata[0], .golden = golden, .driver = driver};
    single_start(&single, &subject, &options, &observer, &exec);
    single_run(&single);
    int status = single.interrupted ? EXIT_INTERRUPTED : exit_status(single.attempt, error);
    single_clear(&single);
    if (!flags.input && has_input())
        fprintf(stderr, "harness: standard input is ignored: the program gets an empty one; "
                        "--stdin - passes it on\n");
    return status;
}

/* Moves the files of the program from the folder of the case to --out, which must be new. */
static gboolean keep_outputs(const char *folder, Driver driver, GError **error) {
    g_autofree char *label = driver_label(driver, "exec");
    g_autofree char *left = g_build_filename(folder, label, "exec", NULL);
    if (rename(left, flags.out) == 0) return TRUE;
    return error_set_errno(error, errno, "cannot create %s (it must be new or empty)", flags.out);
}

static int run_and_keep(const Gate *gate, Driver driver, GError **error) {
    if (!flags.out) return run_case(gate, driver, NULL, error);
    if (!exec_files_check_out(flags.out, error)) return -1;
    /* On the file system of --out, so that the files can be moved there. */
    g_autofree char *parent = g_path_get_dirname(flags.out);
    g_autofree char *folder = g_build_filename(parent, ".harness-exec-XXXXXX", NULL);
    if (!g_mkdtemp(folder)) {
        error_set_errno(error, errno, "cannot create a folder in %s", parent);
        return -1;
    }
    int status = run_case(gate, driver, folder, error);
    if (status >= 0 && !keep_outputs(folder, driver, error)) status = -1;
    return fdio_remove_tree(folder, status >= 0 ? error : NULL) ? status : -1;
}

static gboolean read_flags(GateCase *c, Driver *ret_driver, GError **error) {
    static const char *const drivers[] = {"seed", "linux", NULL};
    const char *driver = flags.driver ? flags.driver : "seed";
    *ret_driver = strcmp(driver, "linux") == 0 ? DRIVER_LINUX : DRIVER_SEED;
    if (!g_strv_contains(drivers, driver))
        usage_unknown(error, "--driver must be seed or linux", driver, drivers);
    else if (flags.timeout &&
             (!quantity_duration(flags.timeout, &c->timeout_ns) || c->timeout_ns == 0))
        command_usage(error, "--timeout must be " QUANTITY_DURATION_SYNTAX ", not %s",
                      flags.timeout);
    else
        return TRUE;
    return FALSE;
}

static int run(const Command *const *commands, const char *const *arguments, GError **error) {
    (void)commands;
    Driver driver;
    if (*arguments && strcmp(*arguments, "--") == 0) arguments++;
    if (!*arguments)
        return command_usage(error, "missing PROG; try: harness exec build/kernel/user/hello");
    g_autofree char *root = boot_root();
    g_autoptr(Gate) gate = gate_parse("exec", "exec", root, case_text, strlen(case_text), error);
    GateCase *c = gate->cases->pdata[0];
    g_ptr_array_set_size(c->inputs, 0);
    g_ptr_array_set_size(c->expects, 0);
    c->argv = g_strdupv((char **)arguments);
    ExecFiles files = {*arguments, flags.input, flags.settings, flags.files};
    if (!read_flags(c, &driver, error) || !exec_files_add(c, &files, driver, error)) return -1;
    if (driver == DRIVER_LINUX && !fetch_linux(root, error)) return -1;
    return run_and_keep(gate, driver, error);
}

static const GOptionEntry options[] = {
    {"file", 0, 0, G_OPTION_ARG_FILENAME_ARRAY, &flags.files,
     "Copy a file, or all files of a folder, into the guest", "HOST:GUEST"},
    {"stdin", 0, 0, G_OPTION_ARG_FILENAME, &flags.input,
     "Let it read this file as its standard input; - passes on that of harness, read to its end",
     "FILE"},
    {"env", 0, 0, G_OPTION_ARG_FILENAME_ARRAY, &flags.settings,
     "Put a setting into its environment, which is empty otherwise", "NAME=VALUE"},
    {"out", 'o', 0, G_OPTION_ARG_FILENAME, &flags.out,
     "Write the files that the program leaves to this new folder", "DIR"},
    {"timeout", 't', 0, G_OPTION_ARG_STRING, &flags.timeout,
     "End it after this time, with exit status 124 (24h); on Linux after twice the time and 10 s",
     "DURATION"},
    {"driver", 'd', 0, G_OPTION_ARG_STRING, &flags.driver, "seed or linux (seed)", "NAME"},
    {"icount", 0, 0, G_OPTION_ARG_NONE, &flags.icount,
     "Let its clock count instructions, the same in every run", NULL},
    {"kernel", 'k', 0, G_OPTION_ARG_FILENAME, &flags.kernel, "The seed kernel (build/kernel/Image)",
     "IMAGE"},
    {"qemu", 0, 0, G_OPTION_ARG_FILENAME, &flags.qemu, "QEMU (qemu-system-aarch64)", "PROG"},
    {NULL}};

const Command command_exec = {
    .name = "exec",
    .arguments = "PROG [ARGS...]",
    .summary = "Run one static aarch64 program on the seed kernel",
    .description =
        "Its output goes to standard output. The exit status is that of the program, or 128 plus\n"
        "the signal that killed it. Options of harness come before PROG, or before --. The "
        "program\n"
        "has no input, environment or files but what the options give it:\n"
        "  echo hello | harness exec --stdin - --env LANG=C build/kernel/user/startup\n"
        "  harness exec --file a.c:/in/a.c --file lib:/lib -o out cc /in/a.c /out.o",
    .options = options,
    .options_first = TRUE,
    .run = run,
};
