/* A command of the program. Dispatch, help and documents are generated from its table entry. */
#pragma once
#include "base/exit_status.h"
#include "run/run_options.h"

typedef enum {
    COMMAND_RUNS = 1 << 0,    /* runs cases: run_entries */
    COMMAND_SELECTS = 1 << 1, /* can select cases: select_entries */
    COMMAND_WHOLE = 1 << 2,   /* accepts select_entries only to refuse them */
    COMMAND_REPORTS = 1 << 3, /* an option for each format of report.h */
} CommandShared;

typedef struct _Command Command;

struct _Command {
    const char *name;
    const char *arguments; /* as shown by help, "GATE..." */
    const char *summary;   /* one line */
    const char *description;
    guint shared;                /* CommandShared: tables of options that commands share */
    const GOptionEntry *options; /* its own; ends with a zero entry */
    gboolean options_first;      /* options end at the first argument (POSIX) */
    /* `commands` are all commands, for docs; `arguments` are those left after options. Returns the
     * exit status, or -1 and *error. */
    int (*run)(const Command *const *commands, const char *const *arguments, GError **error);
};

extern const Command command_run, command_list, command_check, command_bless, command_extract,
    command_exec, command_report, command_perf, command_cache, command_debug, command_docs,
    command_new, command_import, command_diff, command_coverage, command_dashboard;

/* Sets *error to HARNESS_ERROR_USAGE; always returns -1. */
int command_usage(GError **error, const char *format, ...) G_GNUC_PRINTF(2, 3);

/* The values of the shared options; main fills it. */
extern RunOptions run_options;

/* All options of `command`, shared ones first; ends with a zero entry. Free with g_free. */
GOptionEntry *command_entries(const Command *command);
