/* The commands of the program: one table, from which dispatch and help are made. */
#pragma once
#include <glib.h>

/* Goes up when what scripts read changes: options, exit statuses, a report's members. */
#define HARNESS_VERSION "1.1"

/* DESIGN.md, section 4: exit statuses. */
enum {
    EXIT_PASSED = 0,
    EXIT_FAILED = 1,
    EXIT_USAGE = 2,
    EXIT_TROUBLE = 3,
    EXIT_INTERRUPTED = 130,
};

typedef struct {
    const char *name;
    const char *arguments; /* as help shows them, "GATE..." */
    const char *summary;   /* one line */
    const char *description;
    const GOptionEntry *options; /* ends with a zero entry */
    gboolean options_first;      /* what follows the first argument is not ours (POSIX) */
    /* `program` is argv[0]; `arguments` what options left. Returns the exit status, or -1 and
     * *error. */
    int (*run)(const char *program, const char *const *arguments, GError **error);
} Command;

extern const Command command_run, command_list, command_check, command_bless, command_extract,
    command_exec, command_report, command_perf, command_debug, command_docs, command_new;

/* All commands in the order of help; ends with NULL. */
extern const Command *const commands[];

/* The command line as it was given, argv[0] first; set by main. */
extern const char *const *command_line;

/* Sets *error to HARNESS_ERROR_USAGE; returns -1, for a command to return. */
int command_usage(GError **error, const char *format, ...) G_GNUC_PRINTF(2, 3);

/* The same for a word that is none of those known (which end with NULL): `what` says what is taken,
 * and the nearest is proposed. */
int command_unknown(GError **error, const char *what, const char *word, const char *const *known);

/* Says on standard error, where this system cannot confine QEMU (confinement.h), that it does not.
 */
void command_tell_confinement(void);

/* --color WHEN (term_detect). */
#define COLOR_ENTRY(variable)                                                                \
    {                                                                                        \
        "color", 0, 0, G_OPTION_ARG_STRING, &(variable),                                     \
            "always, never or auto: on a terminal, but for NO_COLOR and FORCE_COLOR (auto)", \
            "WHEN"                                                                           \
    }
gboolean command_check_color(const char *when, GError **error);

/* What commands that run cases have in common; defined and used by session.c. */
typedef struct {
    int jobs, repeat, retries;
    int max_fail; /* 0: all run */
    int progress_s;
    double timeout_factor;
    gboolean failed, fail_fast, quiet, verbose;
    char *color; /* or NULL */
    char *shard; /* "I/N" */
    char *out;
    char *qemu;
    char *kernel;
    char *driver;   /* "seed", "linux", "both"; NULL: seed */
    char **filters; /* ends with NULL; or NULL */
    char *transcripts;
    char *cache; /* folder; NULL: what HARNESS_CACHE says */
    gboolean no_cache;
    char *cores, *records; /* folders, or NULL */
    gboolean console;
    gboolean icount;
    char *journal; /* file; NULL: one of its own in build/journal */
    gboolean no_journal;
    char *history; /* file; NULL: HISTORY_FILE below the root */
    gboolean no_history;
    char *label;                     /* of the run in the history, or NULL */
    char *junit, *tap, *json, *html; /* files of reports; "-": standard output; or NULL */
} RunFlags;

extern RunFlags run_flags;

/* Which cases: G_OPTION_FLAG_HIDDEN where a command only says that it takes none of them. */
#define SELECT_FLAG_ENTRIES(flags)                                                                \
    {"filter",                                                                                    \
     'f',                                                                                         \
     flags,                                                                                       \
     G_OPTION_ARG_STRING_ARRAY,                                                                   \
     &run_flags.filters,                                                                          \
     "Only cases whose GATE/CASE matches, and what they need; several add up, !GLOB leaves out, " \
     "{a,b} is either",                                                                           \
     "GLOB"},                                                                                     \
        {"failed",                                                                                \
         0,                                                                                       \
         flags,                                                                                   \
         G_OPTION_ARG_NONE,                                                                       \
         &run_flags.failed,                                                                       \
         "Only cases that did not pass in the last run; without a GATE, of all its gates",        \
         NULL},                                                                                   \
        {"fail-fast",                                                                             \
         'x',                                                                                     \
         flags,                                                                                   \
         G_OPTION_ARG_NONE,                                                                       \
         &run_flags.fail_fast,                                                                    \
         "Begin no other case once one went wrong",                                               \
         NULL},                                                                                   \
        {"max-fail",                                                                              \
         0,                                                                                       \
         flags,                                                                                   \
         G_OPTION_ARG_INT,                                                                        \
         &run_flags.max_fail,                                                                     \
         "Begin no other case once N went wrong (0: all are run)",                                \
         "N"},                                                                                    \
    {                                                                                             \
        "shard", 0, flags, G_OPTION_ARG_STRING, &run_flags.shard,                                 \
            "Only every N-th case from the I-th on, and what they need", "I/N"                    \
    }

#define RUN_FLAG_ENTRIES                                                                           \
    {"jobs", 'j', 0, G_OPTION_ARG_INT, &run_flags.jobs, "Guests that run side by side (1)", "N"},  \
        {"driver",                                                                                 \
         'd',                                                                                      \
         0,                                                                                        \
         G_OPTION_ARG_STRING,                                                                      \
         &run_flags.driver,                                                                        \
         "seed, linux, or both, whose files must be the same (seed)",                              \
         "NAME"},                                                                                  \
        {"repeat",                                                                                 \
         0,                                                                                        \
         0,                                                                                        \
         G_OPTION_ARG_INT,                                                                         \
         &run_flags.repeat,                                                                        \
         "Run everything N times, or until it does not pass",                                      \
         "N"},                                                                                     \
        {"retries",                                                                                \
         0,                                                                                        \
         0,                                                                                        \
         G_OPTION_ARG_INT,                                                                         \
         &run_flags.retries,                                                                       \
         "Try a case that does not pass N times more; reports show it as flaky",                   \
         "N"},                                                                                     \
        {"out",                                                                                    \
         'o',                                                                                      \
         0,                                                                                        \
         G_OPTION_ARG_FILENAME,                                                                    \
         &run_flags.out,                                                                           \
         "Folder for the guests' files (build/out)",                                               \
         "DIR"},                                                                                   \
        {"transcripts",                                                                            \
         0,                                                                                        \
         0,                                                                                        \
         G_OPTION_ARG_FILENAME,                                                                    \
         &run_flags.transcripts,                                                                   \
         "Keep each raw console as DIR/GATE/CASE.console",                                         \
         "DIR"},                                                                                   \
        {"cache",                                                                                  \
         0,                                                                                        \
         0,                                                                                        \
         G_OPTION_ARG_FILENAME,                                                                    \
         &run_flags.cache,                                                                         \
         "Do not run again what has passed with the same inputs and QEMU; DIR keeps results",      \
         "DIR"},                                                                                   \
        {"no-cache",                                                                               \
         0,                                                                                        \
         0,                                                                                        \
         G_OPTION_ARG_NONE,                                                                        \
         &run_flags.no_cache,                                                                      \
         "Run everything, whatever HARNESS_CACHE says",                                            \
         NULL},                                                                                    \
        {"core",                                                                                   \
         0,                                                                                        \
         0,                                                                                        \
         G_OPTION_ARG_FILENAME,                                                                    \
         &run_flags.cores,                                                                         \
         "Dump memory on hang, timeout and panic to DIR/GATE/CASE.core, for gdb",                  \
         "DIR"},                                                                                   \
        {"record",                                                                                 \
         0,                                                                                        \
         0,                                                                                        \
         G_OPTION_ARG_FILENAME,                                                                    \
         &run_flags.records,                                                                       \
         "Run what does not pass once more, recorded; DIR/GATE/CASE.replay repeats that run",      \
         "DIR"},                                                                                   \
        {"console",                                                                                \
         'c',                                                                                      \
         0,                                                                                        \
         G_OPTION_ARG_NONE,                                                                        \
         &run_flags.console,                                                                       \
         "Show what the guests' programs print, each line behind its case",                        \
         NULL},                                                                                    \
        {"quiet",                                                                                  \
         'q',                                                                                      \
         0,                                                                                        \
         G_OPTION_ARG_NONE,                                                                        \
         &run_flags.quiet,                                                                         \
         "Show what did not pass and the last line alone",                                         \
         NULL},                                                                                    \
        {"verbose",                                                                                \
         'v',                                                                                      \
         0,                                                                                        \
         G_OPTION_ARG_NONE,                                                                        \
         &run_flags.verbose,                                                                       \
         "Show every program that a case spawned",                                                 \
         NULL},                                                                                    \
        COLOR_ENTRY(run_flags.color),                                                              \
        {"progress",                                                                               \
         0,                                                                                        \
         0,                                                                                        \
         G_OPTION_ARG_INT,                                                                         \
         &run_flags.progress_s,                                                                    \
         "Without a terminal, say every N seconds what is under way (30; 0: never)",               \
         "N"},                                                                                     \
        {"timeout-factor",                                                                         \
         0,                                                                                        \
         0,                                                                                        \
         G_OPTION_ARG_DOUBLE,                                                                      \
         &run_flags.timeout_factor,                                                                \
         "Multiply the limits timeout and hang of every gate, for a slow machine (1)",             \
         "N"},                                                                                     \
        {"icount",                                                                                 \
         0,                                                                                        \
         0,                                                                                        \
         G_OPTION_ARG_NONE,                                                                        \
         &run_flags.icount,                                                                        \
         "Count instructions instead of time: the same in every run",                              \
         NULL},                                                                                    \
        {"kernel",                                                                                 \
         'k',                                                                                      \
         0,                                                                                        \
         G_OPTION_ARG_FILENAME,                                                                    \
         &run_flags.kernel,                                                                        \
         "The seed kernel (build/kernel/Image)",                                                   \
         "IMAGE"},                                                                                 \
        {"journal",                                                                                \
         0,                                                                                        \
         0,                                                                                        \
         G_OPTION_ARG_FILENAME,                                                                    \
         &run_flags.journal,                                                                       \
         "Write the journal there (a file of its own in build/journal)",                           \
         "FILE"},                                                                                  \
        {"no-journal", 0, 0, G_OPTION_ARG_NONE, &run_flags.no_journal, "Write no journal", NULL},  \
        {"history",                                                                                \
         0,                                                                                        \
         0,                                                                                        \
         G_OPTION_ARG_FILENAME,                                                                    \
         &run_flags.history,                                                                       \
         "Add what programs cost to that history (.harness/history.db)",                           \
         "FILE"},                                                                                  \
        {"label",                                                                                  \
         0,                                                                                        \
         0,                                                                                        \
         G_OPTION_ARG_STRING,                                                                      \
         &run_flags.label,                                                                         \
         "Name the run in the history, for perf compare: a commit, a branch",                      \
         "NAME"},                                                                                  \
        {"no-history", 0, 0, G_OPTION_ARG_NONE, &run_flags.no_history, "Add to no history", NULL}, \
    {                                                                                              \
        "qemu", 0, 0, G_OPTION_ARG_FILENAME, &run_flags.qemu, "QEMU (qemu-system-aarch64)", "PROG" \
    }
