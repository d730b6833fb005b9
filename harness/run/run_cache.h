/* Which cache a run uses, how its results name the run, and when old ones go. */
#pragma once
#include "attempt/cache.h"
#include "gate/plan.h"
#include "record/record.h"
#include "run/run_options.h"

/* The cache of `wanted` (--cache), the variable HARNESS_CACHE, or CACHE_FOLDER below `root` (NULL:
 * the current folder); NULL for an empty name. Free with g_free. */
char *run_cache_folder(const char *wanted, const char *root);

/*
 * NULL if every case must run and nothing is kept: without a folder, by default where CI=true says
 * that a job proves everything, where the course of cases is looked at (--repeat, --console,
 * --transcripts), and where the programs behind QEMU are unknown, which is said on standard error.
 */
Cache *run_cache_open(const RunOptions *options, const Plan *plan);

/* What proves results of this run: a link to the job of the CI, the file name of the journal, or
 * the time of the run. Free with g_free. */
char *run_cache_name(const char *journal_path, const Record *record);

/* Removes old results if this run has kept new ones, at most once an hour. */
void run_cache_prune(const Cache *cache);
