#include "boot.h"
#include "calls.h"
#include "command.h"
#include "error.h"
#include "fdio.h"
#include "outputs.h"
#include "paths.h"
#include "run.h"
#include "signals.h"
#include <errno.h>
#include <stdio.h>
#include <string.h>

static char **files;
static char *out, *kernel, *qemu;

/* The case that a program on the command line is. Its files are added to it. */
static const char case_text[] = "[gate]\n"
                                "proves = one program runs\n"
                                "[case exec]\n"
                                "file /init = \"\"\n"
                                "exit = 0\n"
                                "transport = disk\n"
                                "timeout = 24h\n"
                                "hang = off\n";

typedef struct {
    GMainLoop *loop;
    Run *run;
    gboolean interrupted;
    gboolean newline; /* one was printed last, but not yet here: it may be the kernel's */
} Exec;

static void print_newline(Exec *exec) {
    if (exec->newline) putchar('\n');
    exec->newline = FALSE;
}

static void on_event(gpointer data, Run *run, const Event *event) {
    Exec *exec = data;
    (void)run;
    if (event->kind != EVENT_FRAME) return;
    if (event->frame.newline_added) exec->newline = FALSE;
    print_newline(exec);
    fflush(stdout);
}

static void on_text(gpointer data, Run *run, const guint8 *text, gsize length) {
    Exec *exec = data;
    (void)run;
    if (length == 0) return;
    print_newline(exec);
    exec->newline = text[length - 1] == '\n';
    fwrite(text, 1, length - exec->newline, stdout);
    fflush(stdout);
}

static void on_finished(gpointer data, Run *run) {
    (void)run;
    print_newline(data);
    g_main_loop_quit(((Exec *)data)->loop);
}

static void on_signal(gpointer data, int number) {
    Exec *exec = data;
    exec->interrupted = TRUE;
    run_interrupt(exec->run, signals_name(number));
}

static gboolean add_file(GateCase *c, const char *host, const char *guest_path, GError **error) {
    GError *failed = NULL;
    g_autoptr(GBytes) content = fdio_load(host, &failed);
    if (!content) {
        command_usage(error, "%s", failed->message);
        g_error_free(failed);
        return FALSE;
    }
    gate_add_bytes(c, guest_path, content);
    return TRUE;
}

/* `word` is what stands on the command line. */
static gboolean add_path(GuestPaths *paths, const char *guest_path, const char *word,
                         GError **error) {
    gconstpointer other;
    g_autofree char *clash = NULL;
    const char *why = path_check_input(guest_path);
    if (!why) why = clash = guest_paths_add(paths, guest_path, word, &other);
    if (!why) return TRUE;
    command_usage(error, "%s: the guest path %s %s%s%s%s", word, guest_path, why, clash ? " (" : "",
                  clash ? (const char *)other : "", clash ? ")" : "");
    return FALSE;
}

static gboolean add_files(GateCase *c, const char *prog, GError **error) {
    g_autoptr(GuestPaths) paths = guest_paths_new();
    if (!add_path(paths, "/init", prog, error)) return FALSE;
    for (char **file = files; file && *file; file++) {
        char *colon = strrchr(*file, ':');
        if (!colon || colon[1] != '/') {
            command_usage(error, "--file takes HOST:GUEST with an absolute guest path, not %s",
                          *file);
            return FALSE;
        }
        g_autofree char *host = g_strndup(*file, (gsize)(colon - *file));
        if (!add_path(paths, colon + 1, *file, error)) return FALSE;
        if (!add_file(c, host, colon + 1, error)) return FALSE;
    }
    return TRUE;
}

/* Why it may have ended so. */
static void print_missing_calls(const EventLog *log) {
    g_auto(GStrv) missing = calls_missing(log);
    for (char **line = missing; *line; line++)
        fprintf(stderr, "harness: %s\n", *line);
}

/* The verdict knows how init ended; here any end is right, and becomes ours as a shell's would. */
static int exit_status(const Run *run, GError **error) {
    const Event *end = event_log_find_frame(run->log, FRAME_END);
    if (end) {
        if (end->frame.end.status > 128 && run->diagnosis)
            fprintf(stderr, "harness: %s", run->diagnosis);
        if (end->frame.end.status != 0) print_missing_calls(run->log);
        return (int)end->frame.end.status;
    }
    const Finding *reason = run->verdict->findings->pdata[0];
    g_set_error(error, HARNESS_ERROR, HARNESS_ERROR_QEMU, "%s%s%s", reason->text,
                run->diagnosis ? "\n" : "", run->diagnosis ? run->diagnosis : "");
    return -1;
}

static int run_case(const Gate *gate, const char *out_root, GError **error) {
    static const RunObserver observer = {on_event, on_text, on_finished};
    g_autofree char *built = boot_seed_kernel(".");
    RunOptions options = {.qemu = qemu, .kernel = kernel ? kernel : built, .out_root = out_root};
    g_autoptr(Golden) golden = golden_new();
    Exec exec = {.loop = g_main_loop_new(NULL, FALSE)};
    RunSubject subject = {.gate = gate, .c = gate->cases->pdata[0], .golden = golden};
    exec.run = run_start(&subject, &options, &observer, &exec);
    signals_catch(on_signal, &exec);
    g_main_loop_run(exec.loop);
    int status = exec.interrupted ? EXIT_INTERRUPTED : exit_status(exec.run, error);
    run_free(exec.run);
    signals_release();
    g_main_loop_unref(exec.loop);
    return status;
}

/* Moves what the program left from the folder of the case to --out, which must be new. */
static gboolean keep_outputs(const char *folder, GError **error) {
    g_autofree char *left = g_build_filename(folder, "exec/exec", NULL);
    if (rename(left, out) == 0) return TRUE;
    return error_set_errno(error, errno, "cannot make %s (it must be new or empty)", out);
}

static int run(const char *program, const char *const *arguments, GError **error) {
    (void)program;
    if (!*arguments)
        return command_usage(error,
                             "no program is named; try: harness exec build/kernel/user/hello");
    g_autoptr(Gate) gate = gate_parse("exec", "exec", "/", case_text, strlen(case_text), error);
    GateCase *c = gate->cases->pdata[0];
    g_ptr_array_set_size(c->inputs, 0);
    g_ptr_array_set_size(c->expects, 0);
    c->argv = g_strdupv((char **)arguments);
    if (!add_file(c, *arguments, "/init", error) || !add_files(c, *arguments, error)) return -1;
    if (!out) return run_case(gate, NULL, error);
    /* Beside --out, so that what the program leaves can be moved there. */
    g_autofree char *parent = g_path_get_dirname(out);
    g_autofree char *folder = g_build_filename(parent, ".harness-exec-XXXXXX", NULL);
    if (!g_mkdtemp(folder)) {
        error_set_errno(error, errno, "cannot make a folder in %s", parent);
        return -1;
    }
    int status = run_case(gate, folder, error);
    if (status >= 0 && !keep_outputs(folder, error)) status = -1;
    return outputs_remove_tree(folder, status >= 0 ? error : NULL) ? status : -1;
}

static const GOptionEntry options[] = {
    {"file", 0, 0, G_OPTION_ARG_FILENAME_ARRAY, &files, "Put a file into the guest", "HOST:GUEST"},
    {"out", 'o', 0, G_OPTION_ARG_FILENAME, &out, "A new folder for the files it leaves", "DIR"},
    {"kernel", 'k', 0, G_OPTION_ARG_FILENAME, &kernel, "The seed kernel (build/kernel/Image)",
     "IMAGE"},
    {"qemu", 0, 0, G_OPTION_ARG_FILENAME, &qemu, "QEMU (qemu-system-aarch64)", "PROG"},
    {NULL}};

const Command command_exec = {
    .name = "exec",
    .arguments = "PROG [ARGS...]",
    .summary = "Run one static aarch64 program on the seed kernel",
    .description =
        "What it prints comes to standard output; its exit status becomes this one's, or 128\n"
        "plus the signal that ended it. Options of harness stand before PROG.",
    .options = options,
    .options_first = TRUE,
    .run = run,
};
