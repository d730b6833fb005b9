/* Which cache a run uses, how its results name the run, and when old ones go. */
#pragma once
#include "attempt/cache.h"
#include "gate/plan.h"
#include "record/record.h"
#include "run/run_options.h"

/* The line NAME: VALUE that goes with every request to a server, such as "Authorization: ...". */
#define RUN_CACHE_HEADER "HARNESS_CACHE_HEADER"

/* The folder of the cache: that of `wanted` (--cache), of the variable HARNESS_CACHE, or
 * CACHE_FOLDER below `root` (NULL: the current folder), the first that does not name a server; NULL
 * for an empty name. Free with g_free. */
char *run_cache_folder(const char *wanted, const char *root);

/* The server that `wanted` or else HARNESS_CACHE names behind the folder; *ret is NULL if they name
 * none. FALSE and *error (HARNESS_ERROR_USAGE). */
gboolean run_cache_remote(const char *wanted, const char *folder, gboolean is_read_only,
                          CacheRemote **ret, GError **error);

/*
 * *ret is NULL if every case must run and nothing is kept: without a folder, by default where
 * CI=true says that a job proves everything, where the course of cases is looked at (--repeat,
 * --console, --transcripts, --coverage), and where the programs behind QEMU are unknown, which is
 * said on standard error. FALSE and *error (HARNESS_ERROR_USAGE) for a server that cannot be asked.
 */
gboolean run_cache_open(const RunOptions *options, const Plan *plan, Cache **ret, GError **error);

/* What proves results of this run: a link to the job of the CI, the file name of the journal, or
 * the time of the run. Free with g_free. */
char *run_cache_name(const char *journal_path, const Record *record);

/* Waits until the server has what this run has to send, but not for long, and not at all
 * if the run was interrupted; says on standard error what failed. Removes old results if new ones
 * have come into the folder, at most once an hour. */
void run_cache_end(const Cache *cache, gboolean was_interrupted);
