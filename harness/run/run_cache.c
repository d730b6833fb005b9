#include "run/run_cache.h"
#include "attempt/cache_folder.h"
#include "base/text.h"
#include "guest/qemu_identity.h"
#include <stdio.h>
#include <string.h>

char *run_cache_folder(const char *wanted, const char *root) {
    const char *named = wanted ? wanted : g_getenv("HARNESS_CACHE");
    if (named) return *named ? g_strdup(named) : NULL;
    return root ? g_build_filename(root, CACHE_FOLDER, NULL) : g_strdup(CACHE_FOLDER);
}

/* Whether the identity of each QEMU of the plan is known; else prints the reason on standard error.
 */
static gboolean know_qemus(const Plan *plan, const char *qemu, HashMemo *memo) {
    for (guint i = 0; i < plan->cases->len; i++) {
        g_autoptr(GError) error = NULL;
        g_autofree char *own =
            g_strconcat("qemu-system-", ((PlanCase *)plan->cases->pdata[i])->gate_case->arch, NULL);
        if (qemu_identity(qemu ? qemu : own, memo, &error)) continue;
        fprintf(stderr, "harness: the cache is not used: %s\n", error->message);
        return FALSE;
    }
    return TRUE;
}

static gboolean is_ci_job(void) { return g_strcmp0(g_getenv("CI"), "true") == 0; }

Cache *run_cache_open(const RunOptions *options, const Plan *plan) {
    gboolean is_named = options->cache || g_getenv("HARNESS_CACHE");
    gboolean must_run = options->repeat > 1 || options->transcripts || options->console;
    if (must_run || (!is_named && is_ci_job())) return NULL;
    g_autofree char *folder = run_cache_folder(options->cache, plan_root(plan));
    if (!folder) return NULL;
    g_autoptr(Cache) cache = cache_open(folder, plan_root(plan), options->fresh);
    return know_qemus(plan, options->qemu, cache->memo) ? g_steal_pointer(&cache) : NULL;
}

/* The page of the job, by the variables of GitHub and GitLab, or NULL. */
static char *find_job(void) {
    const char *job = g_getenv("CI_JOB_URL"), *server = g_getenv("GITHUB_SERVER_URL");
    const char *project = g_getenv("GITHUB_REPOSITORY"), *run = g_getenv("GITHUB_RUN_ID");
    if (job && *job) return g_strdup(job);
    return server && project && run ? g_strdup_printf("%s/%s/actions/runs/%s", server, project, run)
                                    : NULL;
}

char *run_cache_name(const char *journal_path, const Record *record) {
    g_autofree char *job = find_job();
    g_autofree char *file = journal_path ? g_path_get_basename(journal_path) : NULL;
    if (file && g_str_has_suffix(file, ".jsonl")) file[strlen(file) - strlen(".jsonl")] = '\0';
    g_autofree char *run = g_strdup_printf("a run of %s without a journal", record->time);
    return text_line(job ? job : file ? file : run);
}

void run_cache_prune(const Cache *cache) {
    if (cache->stored == 0) return;
    CacheLimits limits = {CACHE_MAX_BYTES, CACHE_MAX_AGE_S};
    cache_folder_prune_sometimes(cache->folder, &limits);
}
