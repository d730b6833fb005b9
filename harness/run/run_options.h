/* The options shared by commands that run cases. */
#pragma once
#include "report/report.h"

/* Members that are not given are 0 or NULL, except those in RUN_OPTIONS_DEFAULT. */
typedef struct {
    int jobs; /* 0: as many as there are processors */
    int repeat, retries;
    int max_fail; /* 0: no limit */
    int progress_s;
    double timeout_factor;
    gboolean failed, fail_fast, quiet, verbose, console, icount, warm;
    gboolean fresh, cache_read_only, allow_host, fail_on_flaky, no_journal, no_history;
    char **filters;  /* ends with NULL */
    char **affected; /* files; ends with NULL */
    char *color;
    char *shard;  /* "I/N" */
    char *driver; /* "seed", "linux", "both", "hex" */
    char *qemu, *kernel;
    char *out, *transcripts, *cores, *records; /* folders */
    char *coverage;                            /* a folder */
    char **coverage_lines;   /* ELF files with lines, and folders of them; ends with NULL */
    char *cache;             /* a folder or a URL */
    char *journal, *history; /* files */
    char *label;             /* of the run in the history */
    char *reports[REPORT_FORMATS_MAX]; /* files, in the order of report_formats; "-": standard
                                          output */
    const char *const *command_line;   /* as given, argv[0] first */
} RunOptions;

#define RUN_OPTIONS_DEFAULT \
    { .repeat = 1, .timeout_factor = 1, .progress_s = 30 }

/* Checks each option by itself and against the others. FALSE and *error (HARNESS_ERROR_USAGE). */
gboolean run_options_check(const RunOptions *options, GError **error);

/* The number of guests that run side by side. */
guint run_options_jobs(const RunOptions *options);

/* The number of failures after which no other case begins; 0: no limit. */
guint run_options_max_fail(const RunOptions *options);

/* The number of requested reports; *ret_on_stdout: the number of those on standard output. */
guint run_options_count_reports(const RunOptions *options, guint *ret_on_stdout);

/* "GATE/CASE/PATH" of --kernel out:GATE/CASE/PATH, a kernel that a case makes; else NULL. */
const char *run_options_made_kernel(const RunOptions *options);

/* The command line without user and password of URLs, for the record. Free with g_strfreev. */
GStrv run_options_command_line(const RunOptions *options);

/* The options that affect the result of a case, for a command line that runs it again. Free with
 * g_strfreev. */
GStrv run_options_rerun(const RunOptions *options);
