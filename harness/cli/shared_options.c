/* Options that several commands share. */
#include "cli/command.h"
#include <string.h>

RunOptions run_options = RUN_OPTIONS_DEFAULT;

/* A row: long name, letter or 0, type, member of RunOptions, help, name of the value or NULL. */
#define OPTION(name, letter, type, member, help, value) \
    { name, letter, 0, G_OPTION_ARG_##type, &run_options.member, help, value }

static const GOptionEntry select_entries[] = {
    OPTION("filter", 'f', STRING_ARRAY, filters,
           "Run only cases whose GATE/CASE matches, and what they need; may be repeated; !GLOB "
           "excludes, {a,b} matches either. What matches no case names subtests, NAME or "
           "GATE/CASE/NAME: the cases that printed them last run, and reports show them alone",
           "GLOB"),
    OPTION("failed", 0, NONE, failed,
           "Run only cases that did not pass in the last run; without a GATE, of all its gates",
           NULL),
    OPTION(
        "affected", 0, FILENAME_ARRAY, affected,
        "Run only cases that a change of FILE can reach, by their inputs and their last coverage; "
        "may be repeated; - reads the names from standard input",
        "FILE"),
    OPTION("fail-fast", 'x', NONE, fail_fast, "Start no other case after the first failure", NULL),
    OPTION("max-fail", 0, INT, max_fail, "Start no other case after N failures (0: no limit)", "N"),
    OPTION("shard", 0, STRING, shard,
           "Run only every N-th case, starting with the I-th, and what they need", "I/N"),
    {NULL}};

static const GOptionEntry run_entries[] = {
    OPTION("jobs", 'j', INT, jobs,
           "Guests to run side by side; 0: as many as there are processors (0)", "N"),
    OPTION("driver", 'd', STRING, driver,
           "seed, linux, both, which must leave equal files, or hex, the kernel in hex (seed)",
           "NAME"),
    OPTION("repeat", 0, INT, repeat, "Run everything N times, or until a case does not pass", "N"),
    OPTION("retries", 0, INT, retries,
           "Retry a case that does not pass up to N times; reports show it as flaky", "N"),
    OPTION("fail-on-flaky", 0, NONE, fail_on_flaky,
           "Exit with status 1 if a case passed only when it was retried", NULL),
    OPTION("out", 'o', FILENAME, out, "Folder for the guests' files (build/out)", "DIR"),
    OPTION("transcripts", 0, FILENAME, transcripts,
           "Keep each raw console as DIR/GATE/CASE.console", "DIR"),
    OPTION("cache", 0, FILENAME, cache,
           "Folder of the results that need no second run (.harness/cache, and with CI=true none), "
           "or http(s)://HOST/PATH of a server that shares them with other machines",
           "DIR|URL"),
    OPTION("cache-read-only", 0, NONE, cache_read_only,
           "Send no results to the server of --cache, only use those that it has", NULL),
    OPTION("fresh", 0, NONE, fresh, "Run everything, also what is unchanged since it passed", NULL),
    OPTION("allow-host", 0, NONE, allow_host,
           "Let gates give QEMU options that can reach files and sockets of the host", NULL),
    OPTION("core", 0, FILENAME, cores,
           "Dump memory on hang, timeout and panic to DIR/GATE/CASE.core, for gdb", "DIR"),
    OPTION(
        "record", 0, FILENAME, records,
        "Run cases that do not pass once more and record them; DIR/GATE/CASE.replay repeats a case",
        "DIR"),
    OPTION("console", 'c', NONE, console,
           "Show the output of the guests' programs, each line after the name of its case", NULL),
    OPTION("quiet", 'q', NONE, quiet, "Show only cases that did not pass, and the last line", NULL),
    OPTION("verbose", 'v', NONE, verbose, "Show every program that a case spawns", NULL),
    OPTION("color", 0, STRING, color,
           "always, never or auto: on a terminal, unless NO_COLOR or FORCE_COLOR is set (auto)",
           "WHEN"),
    OPTION("progress", 0, INT, progress_s,
           "Without a terminal, name the running cases every N seconds (30; 0: never)", "N"),
    OPTION("timeout-factor", 0, DOUBLE, timeout_factor,
           "Multiply the limits timeout and hang of every gate, for a slow machine (1)", "N"),
    OPTION("icount", 0, NONE, icount,
           "Count guest instructions instead of time; the counts are the same in every run", NULL),
    OPTION("kernel", 'k', FILENAME, kernel,
           "The seed kernel (build/kernel/Image); out:GATE/CASE/PATH: one that a case makes first, "
           "on which the others then run",
           "IMAGE"),
    OPTION("journal", 0, FILENAME, journal,
           "Write the journal to FILE (default: a new file in build/journal)", "FILE"),
    OPTION("no-journal", 0, NONE, no_journal, "Write no journal", NULL),
    OPTION("history", 0, FILENAME, history,
           "Add the costs of programs to this history (.harness/history.db)", "FILE"),
    OPTION("label", 0, STRING, label,
           "Name the run in the history, for perf compare: a commit, a branch", "NAME"),
    OPTION("no-history", 0, NONE, no_history, "Do not add the run to the history", NULL),
    OPTION("qemu", 0, FILENAME, qemu, "QEMU (qemu-system-aarch64)", "PROG"),
    {NULL}};

static void append_entries(GArray *all, const GOptionEntry *entries, gint flags) {
    for (; entries->long_name; entries++) {
        GOptionEntry entry = *entries;
        entry.flags |= flags;
        g_array_append_val(all, entry);
    }
}

static void append_reports(GArray *all) {
    for (guint i = 0; report_formats[i].name; i++) {
        if (report_formats[i].is_shown) continue;
        GOptionEntry entry = {
            report_formats[i].name,        0,     0, G_OPTION_ARG_FILENAME, &run_options.reports[i],
            report_formats[i].option_help, "FILE"};
        g_array_append_val(all, entry);
    }
}

GOptionEntry *command_entries(const Command *command) {
    GArray *all = g_array_new(TRUE, TRUE, sizeof(GOptionEntry));
    if (command->shared & COMMAND_SELECTS) append_entries(all, select_entries, 0);
    if (command->shared & COMMAND_WHOLE) append_entries(all, select_entries, G_OPTION_FLAG_HIDDEN);
    if (command->shared & COMMAND_RUNS) append_entries(all, run_entries, 0);
    if (command->shared & COMMAND_REPORTS) append_reports(all);
    append_entries(all, command->options, 0);
    return (GOptionEntry *)g_array_free(all, FALSE);
}
