#include "base/error.h"
#include "base/term.h"
#include "base/usage.h"
#include "cli/perf_command.h"
#include "history/export.h"
#include <errno.h>
#include <string.h>
#include <unistd.h>

/* The actions, in the order of help: their names are those of completion too. */
static const struct {
    const char *name;
    int (*run)(History *history, const char *const *arguments, GError **error);
    gboolean creates; /* the history, if there is none */
} actions[] = {{"show", perf_show},
               {"runs", perf_runs},
               {"compare", perf_compare_runs},
               {"steps", perf_steps},
               {"plot", perf_plot},
               {"check", perf_check},
               {"export", perf_export},
               {"import", perf_import, .creates = TRUE},
               {"machines", perf_machines},
               {"name", perf_name},
               {"prune", perf_prune}};

const char **perf_action_names(void) {
    const char **names = g_new0(const char *, G_N_ELEMENTS(actions) + 1);
    for (guint i = 0; i < G_N_ELEMENTS(actions); i++)
        names[i] = actions[i].name;
    return names;
}

static gboolean check_flags(GError **error) {
    if (!term_check_when(perf_flags.color, error)) return FALSE;
    if (perf_flags.top < 1)
        return usage_error(error, "--top must be a number of rows, at least one");
    return perf_flags.last >= 1 ||
           usage_error(error, "--last must be a number of runs, at least one");
}

/* The history, with the machine of --machine chosen; import takes that for a new name. */
static History *open_history(gboolean is_import, GError **error) {
    g_autofree char *path = history_path(NULL, perf_flags.history);
    if (!path) {
        usage_error(error, "HARNESS_HISTORY is empty; name a history with --history");
        return NULL;
    }
    g_autoptr(History) history = history_open(path, is_import, error);
    if (!history) return NULL;
    /* A history that cannot be written keeps its machine without a name. */
    history_name_machine(history, NULL);
    if (perf_flags.machine && !is_import &&
        !history_choose_named(history, perf_flags.machine, error))
        return NULL;
    return g_steal_pointer(&history);
}

/* Imports into a history that does not exist yet: it is made under another name, so that what fails
 * leaves nothing, and takes its own where no other harness has made one meanwhile. */
static int import_new(const char *path, const char *const *arguments, GError **error) {
    g_autofree char *folder = g_path_get_dirname(path);
    g_autofree char *made = g_strdup_printf("%s.new-%d", path, (int)getpid());
    gboolean had_folder = g_file_test(folder, G_FILE_TEST_EXISTS);
    History *history = history_open(made, TRUE, error);
    int status = history ? perf_import(history, arguments, error) : -1;
    if (history) history_free(history);
    if (status >= 0 && link(made, path) != 0) {
        error_set_errno(error, errno, "cannot create the history %s", path);
        status = -1;
    }
    unlink(made);
    if (status < 0 && !had_folder) rmdir(folder);
    return status;
}

static int run(const Command *const *commands, const char *const *arguments, GError **error) {
    (void)commands;
    g_autofree const char **names = perf_action_names();
    if (!check_flags(error)) return -1;
    for (guint i = 0; arguments[0] && i < G_N_ELEMENTS(actions); i++) {
        if (strcmp(arguments[0], actions[i].name) != 0) continue;
        g_autofree char *path = history_path(NULL, perf_flags.history);
        if (actions[i].creates && path && !g_file_test(path, G_FILE_TEST_EXISTS))
            return import_new(path, arguments + 1, error);
        g_autoptr(History) history = open_history(actions[i].creates, error);
        return history ? actions[i].run(history, arguments + 1, error) : -1;
    }
    g_autofree char *all = g_strjoinv(", ", (char **)names);
    g_autofree char *what = g_strconcat("perf needs one of ", all, NULL);
    usage_unknown(error, what, arguments[0] ? arguments[0] : "", names);
    return -1;
}

static const GOptionEntry options[] = {
    {"history", 0, 0, G_OPTION_ARG_FILENAME, &perf_flags.history, "The history (" HISTORY_FILE ")",
     "FILE"},
    {"machine", 'm', 0, G_OPTION_ARG_STRING, &perf_flags.machine,
     "The machine whose runs are meant (this one); for import the name of the file's", "NAME"},
    {"format", 'f', 0, G_OPTION_ARG_STRING, &perf_flags.format,
     "Format of export (jsonl); listed above", "NAME"},
    {"output", 'o', 0, G_OPTION_ARG_FILENAME, &perf_flags.output,
     "Write what export says to FILE (standard output)", "FILE"},
    {"icount", 0, 0, G_OPTION_ARG_NONE, &perf_flags.icount,
     "Use the instruction counts of runs with --icount instead of times", NULL},
    {"last", 'n', 0, G_OPTION_ARG_INT, &perf_flags.last, "Show the newest N runs (20)", "N"},
    {"top", 't', 0, G_OPTION_ARG_INT, &perf_flags.top,
     "Show the N costliest programs, or largest changes (20)", "N"},
    {"all", 'a', 0, G_OPTION_ARG_NONE, &perf_flags.all, "Show every program, also unchanged ones",
     NULL},
    {"color", 0, 0, G_OPTION_ARG_STRING, &perf_flags.color,
     "always, never or auto: on a terminal, unless NO_COLOR or FORCE_COLOR is set (auto)", "WHEN"},
    {NULL}};

#define FORMAT_HELP(name, help, is_summary, writer) "     --format " name "\n         " help "\n"

const Command command_perf = {
    .name = "perf",
    .arguments = "ACTION ...",
    .summary = "Show and compare the costs of spawned programs over all runs",
    .description =
        "  show [GLOB]                    the costliest programs: newest, median, least, trend\n"
        "  runs                           the runs in the history, with their numbers\n"
        "  compare BEFORE AFTER [GLOB]    changes of medians between two ranges of runs, "
        "and\n"
        "                                 how sure that is\n"
        "  steps [GLOB]                   where programs became slower or faster: the run, by how\n"
        "                                 much, and how sure that is\n"
        "  plot GLOB                      a bar for each run\n"
        "  check GATE...                  fail if a case became slower than its gate allows\n"
        "  export [RANGE]                 in a format for other tools or another "
        "machine:\n" EXPORT_FORMATS(
            FORMAT_HELP) "  import FILE                    add the runs of another machine: its "
                         "history.db, or its\n"
                         "                                 export as jsonl or csv; what is known "
                         "is passed over\n"
                         "  machines                       the machines whose runs the history "
                         "has\n"
                         "  name NAME                      call this machine, or that of "
                         "--machine, NAME\n"
                         "  prune KEEP                     remove all but the newest KEEP runs\n\n"
                         "GLOB matches GATE/CASE. A range is 12, 3..9, ..8, last, last:5, or a "
                         "name given by\n"
                         "run --label. Of a program that a case spawns more than once in a run, "
                         "the mean\n"
                         "is taken. A step is found by the rank test at the best place of a series "
                         "and a test of\n"
                         "399 random orders (p < 0.01), with at least 5 runs a side and 2 % "
                         "between the medians;\n"
                         "of instruction counts every change is one. A difference counts as a "
                         "change if a rank "
                         "test\n"
                         "(Mann-Whitney) gives p < 0.01; that needs 5 runs on each side, which "
                         "--repeat makes.\n"
                         "\"Not sure\" are medians more than 5 % apart that may differ by chance.\n"
                         "check compares the newest 5 runs with up to 20 before them; with "
                         "--icount the newest one\n"
                         "with 4 before it, exactly.\n"
                         "Runs of different machines are never compared or mixed: each machine has "
                         "its own numbers\n"
                         "of runs, and --machine chooses one. The last three formats of export "
                         "have one value for\n"
                         "each program, of the newest run or the median of RANGE.\n\n"
                         "Exit status: 0; 1 check found a case slower; 2 usage; 3 no history.",
    .options = options,
    .run = run,
};
