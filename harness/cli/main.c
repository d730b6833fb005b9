#include "base/diag.h"
#include "base/error.h"
#include "base/version.h"
#include "cli/command.h"
#include <errno.h>
#include <fcntl.h>
#include <locale.h>
#include <signal.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/stat.h>
#include <unistd.h>

/* In the order of help; ends with NULL. */
static const Command *const commands[] = {&command_run,
                                          &command_list,
                                          &command_check,
                                          &command_new,
                                          &command_import,
                                          &command_bless,
                                          &command_extract,
                                          &command_exec,
                                          &command_report,
                                          &command_diff,
                                          &command_perf,
                                          &command_dashboard,
                                          &command_coverage,
                                          &command_cache,
                                          &command_debug,
                                          &command_docs,
                                          NULL};

/* A file that we open must not get the number of a closed standard descriptor. Standard input and
 * output are opened in the wrong direction, so that they still fail like closed ones. */
static void open_standard(void) {
    static const int flags[] = {O_WRONLY, O_RDONLY, O_WRONLY};
    for (int fd = STDIN_FILENO; fd <= STDERR_FILENO; fd++)
        if (fcntl(fd, F_GETFD) < 0 && errno == EBADF) (void)!open("/dev/null", flags[fd]);
}

/* Lost output is a failure. A reader that went away (harness list | head) needs no message. */
static void close_output(void) {
    struct stat status;
    gboolean lost = ferror(stdout);
    errno = 0;
    lost |= fflush(stdout) != 0;
    if (!lost) return;
    gboolean is_pipe = fstat(STDOUT_FILENO, &status) == 0 && S_ISFIFO(status.st_mode);
    if (!is_pipe)
        fprintf(stderr, "harness: cannot write to standard output%s%s\n", errno ? ": " : "",
                errno ? g_strerror(errno) : "");
    _exit(EXIT_ERROR);
}

static void print_help(FILE *out) {
    fputs("harness boots the seed kernel under QEMU, runs gates on it and judges their results.\n"
          "\nUsage: harness COMMAND [OPTION...] [ARGUMENT...]\n\n",
          out);
    for (const Command *const *command = commands; *command; command++)
        fprintf(out, "  %-9s %-16s %s\n", (*command)->name, (*command)->arguments,
                (*command)->summary);
    fputs("\nharness help COMMAND explains a command; harness --version prints the version. To "
          "start: "
          "harness run gates\n",
          out);
}

static const Command *find_command(const char *name) {
    for (const Command *const *command = commands; *command; command++)
        if (strcmp((*command)->name, name) == 0) return *command;
    return NULL;
}

/* "-j4", as make accepts it: GOption needs the number as a separate word. */
static GStrv split_short_numbers(char **argv) {
    g_autoptr(GStrvBuilder) words = g_strv_builder_new();
    for (; *argv; argv++) {
        gboolean joined = g_str_has_prefix(*argv, "-j") && g_ascii_isdigit((*argv)[2]);
        g_strv_builder_add(words, joined ? "-j" : *argv);
        if (joined) g_strv_builder_add(words, *argv + 2);
    }
    return g_strv_builder_end(words);
}

/* The first word that looks like an option but is not one, without its dashes; or NULL. Free with
 * g_free. */
static char *find_unknown_option(const Command *command, char **words, GPtrArray *known) {
    g_autofree GOptionEntry *options = command_entries(command);
    for (const GOptionEntry *option = options; option->long_name; option++)
        if (!(option->flags & G_OPTION_FLAG_HIDDEN))
            g_ptr_array_add(known, (gpointer)option->long_name);
    g_ptr_array_add(known, (gpointer) "help");
    g_ptr_array_add(known, NULL);
    for (; *words && strcmp(*words, "--") != 0; words++) {
        if (!g_str_has_prefix(*words, "--")) continue;
        g_autofree char *name = g_strndup(*words + 2, strcspn(*words + 2, "="));
        if (!g_strv_contains((const char *const *)known->pdata, name))
            return g_steal_pointer(&name);
    }
    return NULL;
}

/* Options of other tools that the harness names differently. */
static const char *find_counterpart(const char *name) {
    static const struct {
        const char *name, *ours;
    } others[] = {{"format", "reports are written by --junit, --tap, --json and the like"},
                  {"exclude", "--filter '!GLOB' excludes cases"},
                  {"skip", "--filter '!GLOB' excludes cases"},
                  {"only", "--filter GLOB, or a GATE/CASE as argument, selects cases"},
                  {"timeout", "gates have their own limits; --timeout-factor N multiplies them"},
                  {"parallel", "--jobs N runs guests side by side"},
                  {"last-failed", "--failed runs the cases that did not pass in the last run"}};
    for (guint i = 0; name && i < G_N_ELEMENTS(others); i++)
        if (strcmp(others[i].name, name) == 0) return others[i].ours;
    return NULL;
}

/* `failed` is the error of the option parser. */
static void refuse_options(const Command *command, char **words, const GError *failed,
                           GError **error) {
    g_autoptr(GPtrArray) known = g_ptr_array_new();
    gboolean is_unknown = g_error_matches(failed, G_OPTION_ERROR, G_OPTION_ERROR_UNKNOWN_OPTION);
    g_autofree char *unknown = is_unknown ? find_unknown_option(command, words, known) : NULL;
    /* Only run has most of these. */
    const char *ours = command == &command_run ? find_counterpart(unknown) : NULL;
    const char *near =
        unknown && !ours ? diag_nearest(unknown, (const char *const *)known->pdata) : NULL;
    command_usage(error, "%s%s%s%s%s%s; see harness %s --help", failed->message, ours ? ": " : "",
                  ours ? ours : "", near ? "; did you mean --" : "", near ? near : "",
                  near ? "?" : "", command->name);
}

/* `words` is a copy of *argv, from which the parser removes options. */
static gboolean parse_options(const Command *command, char **words, int *argc, char ***argv,
                              GError **error) {
    g_autofree char *prgname = g_strconcat("harness ", command->name, NULL);
    g_set_prgname(prgname);
    g_autofree GOptionEntry *options = command_entries(command);
    g_autoptr(GOptionContext) context = g_option_context_new(command->arguments);
    g_autofree char *summary = g_strconcat(command->summary, ".\n\n", command->description, NULL);
    g_option_context_set_summary(context, summary);
    g_option_context_set_strict_posix(context, command->options_first);
    g_option_context_add_main_entries(context, options, NULL);
    GError *failed = NULL;
    if (g_option_context_parse(context, argc, argv, &failed)) return TRUE;
    refuse_options(command, words + 1, failed, error);
    g_error_free(failed);
    return FALSE;
}

static int report_error(GError *error) {
    fprintf(stderr, error->code == HARNESS_ERROR_GATE ? "%s\n" : "harness: %s\n", error->message);
    gboolean users = error->code == HARNESS_ERROR_USAGE || error->code == HARNESS_ERROR_GATE;
    g_error_free(error);
    return users ? EXIT_USAGE : EXIT_ERROR;
}

static gboolean is_help(const char *word) {
    return strcmp(word, "--help") == 0 || strcmp(word, "-h") == 0 || strcmp(word, "help") == 0;
}

int main(int argc, char **argv) {
    open_standard();
    atexit(close_output);
    setlocale(LC_CTYPE, "");
    /* A closed pipe (harness list | head) must be a write error: SIGPIPE would leave guests behind.
     */
    signal(SIGPIPE, SIG_IGN);
    /* A write beyond the file size limit fails as on a full disk, here and in QEMU. */
    signal(SIGXFSZ, SIG_IGN);
    if (argc < 2 || (is_help(argv[1]) && !(argv[2] && strcmp(argv[1], "help") == 0))) {
        print_help(argc < 2 ? stderr : stdout);
        return argc < 2 ? EXIT_USAGE : EXIT_PASSED;
    }
    if (strcmp(argv[1], "--version") == 0) {
        puts("harness " HARNESS_VERSION);
        return EXIT_PASSED;
    }
    /* "help run" is "run --help". */
    char *help[] = {argv[0], argv[2], "--help", NULL};
    if (is_help(argv[1])) argv = help;
    run_options.command_line = (const char *const *)argv;
    const Command *command = find_command(argv[1]);
    if (!command) {
        g_autoptr(GPtrArray) names = g_ptr_array_new();
        for (const Command *const *known = commands; *known; known++)
            g_ptr_array_add(names, (gpointer)(*known)->name);
        g_ptr_array_add(names, NULL);
        const char *near = diag_nearest(argv[1], (const char *const *)names->pdata);
        fprintf(stderr, "harness: unknown command \"%s\"%s%s%s; harness --help lists all\n",
                argv[1], near ? "; did you mean \"" : "", near ? near : "", near ? "\"?" : "");
        return EXIT_USAGE;
    }
    g_auto(GStrv) words = split_short_numbers(argv + 1);
    int count = (int)g_strv_length(words);
    /* The option parser removes words from its array without freeing them. */
    g_autofree char **left = g_memdup2(words, sizeof(char *) * ((gsize)count + 1));
    char **arguments = left;
    GError *error = NULL;
    int status = -1;
    if (parse_options(command, words, &count, &arguments, &error))
        status = command->run(commands, (const char *const *)arguments + 1, &error);
    return error ? report_error(error) : status;
}
