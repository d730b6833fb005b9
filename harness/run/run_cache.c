#include "run/run_cache.h"
#include "attempt/cache_folder.h"
#include "base/http.h"
#include "base/text.h"
#include "base/usage.h"
#include "guest/qemu_identity.h"
#include <stdio.h>
#include <string.h>

/* Small results are sent while others run; a large one at the end takes some seconds. */
#define SEND_NS (30 * G_GINT64_CONSTANT(1000000000))

/* A URL names no folder: its server stands behind the usual one. */
static const char *skip_url(const char *name) { return name && !http_is_url(name) ? name : NULL; }

char *run_cache_folder(const char *wanted, const char *root) {
    const char *option = skip_url(wanted), *variable = skip_url(g_getenv("HARNESS_CACHE"));
    if (option) return *option ? g_strdup(option) : NULL;
    if (variable && *variable) return g_strdup(variable);
    if (variable && !wanted) return NULL;
    return root ? g_build_filename(root, CACHE_FOLDER, NULL) : g_strdup(CACHE_FOLDER);
}

gboolean run_cache_remote(const char *wanted, const char *folder, gboolean is_read_only,
                          CacheRemote **ret, GError **error) {
    const char *url = wanted ? wanted : g_getenv("HARNESS_CACHE");
    const char *header = g_getenv(RUN_CACHE_HEADER);
    *ret = NULL;
    if (!url || !http_is_url(url)) return TRUE;
    *ret = cache_remote_open(url, header && *header ? header : NULL, folder, is_read_only, error);
    if (!*ret) g_prefix_error(error, "%s: ", wanted ? "--cache" : "HARNESS_CACHE");
    return *ret != NULL;
}

/* Whether the identity of each QEMU of the plan is known; else prints the reason on standard error.
 */
static gboolean know_qemus(const Plan *plan, const char *qemu, HashMemo *memo) {
    for (guint i = 0; i < plan->cases->len; i++) {
        g_autoptr(GError) error = NULL;
        const PlanCase *planned = plan->cases->pdata[i];
        if (planned->missing) continue;
        g_autofree char *own = gate_case_program(planned->gate, planned->gate_case);
        if (qemu_identity(qemu ? qemu : own, memo, &error)) continue;
        fprintf(stderr, "harness: the cache is not used: %s\n", error->message);
        return FALSE;
    }
    return TRUE;
}

static gboolean is_ci_job(void) { return g_strcmp0(g_getenv("CI"), "true") == 0; }

gboolean run_cache_open(const RunOptions *options, const Plan *plan, Cache **ret, GError **error) {
    *ret = NULL;
    gboolean is_named = options->cache || g_getenv("HARNESS_CACHE");
    gboolean must_run =
        options->repeat > 1 || options->transcripts || options->console || options->coverage;
    if (must_run || (!is_named && is_ci_job())) return TRUE;
    g_autofree char *folder = run_cache_folder(options->cache, plan_root(plan));
    if (!folder) return TRUE;
    g_autoptr(Cache) cache = cache_open(folder, plan_root(plan), options->fresh);
    if (!run_cache_remote(options->cache, folder, options->cache_read_only, &cache->remote, error))
        return FALSE;
    if (options->cache_read_only && !cache->remote)
        return usage_error(error,
                           "--cache-read-only is for the server of a URL; name it by --cache "
                           "or HARNESS_CACHE");
    if (know_qemus(plan, options->qemu, cache->memo)) *ret = g_steal_pointer(&cache);
    return TRUE;
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

static void end_remote(CacheRemote *remote, gboolean was_interrupted) {
    cache_remote_finish(remote, was_interrupted ? 0 : SEND_NS);
    g_autofree char *complaint = cache_remote_complaint(remote);
    if (complaint) fprintf(stderr, "harness: %s\n", complaint);
}

void run_cache_end(const Cache *cache, gboolean was_interrupted) {
    if (cache->remote) end_remote(cache->remote, was_interrupted);
    if (cache->stored == 0) return;
    CacheLimits limits = {CACHE_MAX_BYTES, CACHE_MAX_AGE_S};
    cache_folder_prune_sometimes(cache->folder, &limits);
}
