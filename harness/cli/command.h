/* A command of the program, from whose table entry dispatch, help and documents are made. */
#pragma once
#include "base/exit_status.h"
#include "run/run_options.h"

typedef enum {
    COMMAND_RUNS = 1 << 0,    /* runs cases: run_entries */
    COMMAND_SELECTS = 1 << 1, /* takes part of the cases: select_entries */
    COMMAND_WHOLE = 1 << 2,   /* knows select_entries only to refuse them */
    COMMAND_REPORTS = 1 << 3, /* an option for each format of report.h */
} CommandShared;

typedef struct _Command Command;

struct _Command {
    const char *name;
    const char *arguments; /* as help shows them, "GATE..." */
    const char *summary;   /* one line */
    const char *description;
    guint shared;                /* CommandShared: tables of options that commands share */
    const GOptionEntry *options; /* its own; ends with a zero entry */
    gboolean options_first;      /* what follows the first argument is no option (POSIX) */
    /* `commands` are all of the program, for docs; `arguments` is what options left. Returns the
     * exit status, or -1 and *error. */
    int (*run)(const Command *const *commands, const char *const *arguments, GError **error);
};

extern const Command command_run, command_list, command_check, command_bless, command_extract,
    command_exec, command_report, command_perf, command_debug, command_docs, command_new;

/* Sets *error to HARNESS_ERROR_USAGE; always returns -1. */
int command_usage(GError **error, const char *format, ...) G_GNUC_PRINTF(2, 3);

/* What the options of run and bless say; main fills it. */
extern RunOptions run_options;

/* All options of `command`, shared ones first; ends with a zero entry. Free with g_free. */
GOptionEntry *command_entries(const Command *command);
