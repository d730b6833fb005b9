#include "attempt/cache_remote.h"
#include "attempt/cache_transfer.h"
#include "base/clock.h"
#include "base/error.h"

#define S_NS G_GINT64_CONSTANT(1000000000)
/* One result with all its files: some hundred of them from a distant server. */
#define RESULT_NS (120 * S_NS)
/* A question without files. */
#define PROBE_NS (15 * S_NS)
/* Results that are sent side by side. */
#define SENDERS 2

struct _CacheRemote {
    Http *http;
    char *shown; /* the URL, for people */
    char *folder;
    GThreadPool *senders; /* of keys; NULL: nothing is sent any more */
    GCancellable *ending; /* ends what is sent */
    GMutex mutex;         /* for all below */
    GCond changed;
    gboolean is_asked, is_sent_to;
    guint unsent;
    guint fetching; /* threads; a fetch that was cancelled may still be at work */
    char *complaint;
};

/* ---- Failures ---- */

/* A refusal to send or to take leaves the other way open; a server that cannot be reached is not
 * tried again. */
static void fail(CacheRemote *remote, gboolean was_sending, const GError *error) {
    gboolean is_down = !g_error_matches(error, HARNESS_ERROR, HARNESS_ERROR_PROTOCOL);
    g_mutex_lock(&remote->mutex);
    if (!was_sending || is_down) remote->is_asked = FALSE;
    if (was_sending || is_down) remote->is_sent_to = FALSE;
    const char *meaning = is_down       ? "this run goes on without it"
                          : was_sending ? "this run sends it nothing more"
                                        : "this run asks it nothing more";
    if (!remote->complaint)
        remote->complaint =
            g_strdup_printf("the cache %s: %s; %s, and results are still kept locally",
                            remote->shown, error->message, meaning);
    g_mutex_unlock(&remote->mutex);
}

static gboolean locked_get(const CacheRemote *remote, const gboolean *flag) {
    GMutex *mutex = &((CacheRemote *)remote)->mutex;
    g_mutex_lock(mutex);
    gboolean value = *flag;
    g_mutex_unlock(mutex);
    return value;
}

/* ---- Sending ---- */

static void send_one(gpointer data, gpointer of_remote) {
    CacheRemote *remote = of_remote;
    g_autofree char *key = data;
    g_autoptr(GError) error = NULL;
    HttpLimit limit = {clock_now_ns() + RESULT_NS, remote->ending};
    gboolean is_wanted =
        !g_cancellable_is_cancelled(remote->ending) && locked_get(remote, &remote->is_sent_to);
    if (is_wanted && !cache_transfer_send(remote->http, remote->folder, key, &limit, &error) &&
        !g_cancellable_is_cancelled(remote->ending))
        fail(remote, TRUE, error);
    g_mutex_lock(&remote->mutex);
    remote->unsent--;
    g_cond_broadcast(&remote->changed);
    g_mutex_unlock(&remote->mutex);
}

void cache_remote_send(CacheRemote *remote, const char *key) {
    if (!remote->senders || !locked_get(remote, &remote->is_sent_to)) return;
    g_mutex_lock(&remote->mutex);
    remote->unsent++;
    g_mutex_unlock(&remote->mutex);
    g_thread_pool_push(remote->senders, g_strdup(key), NULL);
}

void cache_remote_finish(CacheRemote *remote, gint64 limit_ns) {
    gint64 end_us = g_get_monotonic_time() + limit_ns / 1000;
    if (!remote->senders) return;
    g_mutex_lock(&remote->mutex);
    while (remote->unsent > 0 && g_cond_wait_until(&remote->changed, &remote->mutex, end_us))
        ;
    if (remote->unsent > 0 && !remote->complaint)
        remote->complaint = g_strdup_printf(
            "the cache %s: %u %s not sent in time; this run does not wait for it, and results are "
            "still kept locally",
            remote->shown, remote->unsent, remote->unsent == 1 ? "result was" : "results were");
    g_mutex_unlock(&remote->mutex);
    g_cancellable_cancel(remote->ending);
    g_thread_pool_free(g_steal_pointer(&remote->senders), FALSE, TRUE);
}

char *cache_remote_complaint(const CacheRemote *remote) { return g_strdup(remote->complaint); }

/* ---- Fetching ---- */

typedef struct {
    CacheRemote *remote;
    char *key;
} Fetch;

static void fetch_free(gpointer data) {
    Fetch *fetch = data;
    g_free(fetch->key);
    g_free(fetch);
}

static void fetch_one(GTask *task, gpointer source, gpointer data, GCancellable *cancellable) {
    (void)source;
    const Fetch *fetch = data;
    CacheRemote *remote = fetch->remote;
    g_autoptr(GError) error = NULL;
    gboolean is_found = FALSE;
    HttpLimit limit = {clock_now_ns() + RESULT_NS, cancellable};
    if (locked_get(remote, &remote->is_asked) &&
        !cache_transfer_fetch(remote->http, remote->folder, fetch->key, &limit, &is_found,
                              &error) &&
        !g_cancellable_is_cancelled(cancellable))
        fail(remote, FALSE, error);
    g_task_return_boolean(task, !error && is_found);
    g_mutex_lock(&remote->mutex);
    remote->fetching--;
    g_cond_broadcast(&remote->changed);
    g_mutex_unlock(&remote->mutex);
}

void cache_remote_fetch(CacheRemote *remote, const char *key, GCancellable *cancellable,
                        GAsyncReadyCallback done, gpointer data) {
    g_autoptr(GTask) task = g_task_new(NULL, cancellable, done, data);
    Fetch *fetch = g_new0(Fetch, 1);
    *fetch = (Fetch){remote, g_strdup(key)};
    g_task_set_task_data(task, fetch, fetch_free);
    g_task_set_return_on_cancel(task, TRUE);
    g_mutex_lock(&remote->mutex);
    remote->fetching++;
    g_mutex_unlock(&remote->mutex);
    g_task_run_in_thread(task, fetch_one);
}

gboolean cache_remote_fetched(GAsyncResult *result) {
    return g_task_propagate_boolean(G_TASK(result), NULL);
}

gboolean cache_remote_is_asked(const CacheRemote *remote) {
    return locked_get(remote, &remote->is_asked);
}

const char *cache_remote_shown(const CacheRemote *remote) { return remote->shown; }

gboolean cache_remote_probe(CacheRemote *remote, GError **error) {
    HttpLimit limit = {clock_now_ns() + PROBE_NS, NULL};
    return cache_transfer_probe(remote->http, &limit, error);
}

/* ---- The whole ---- */

CacheRemote *cache_remote_open(const char *url, const char *header, const char *folder,
                               gboolean is_read_only, GError **error) {
    g_autoptr(Http) http = http_open(url, header, error);
    if (!http) return NULL;
    CacheRemote *remote = g_new0(CacheRemote, 1);
    remote->http = g_steal_pointer(&http);
    remote->shown = http_shown_url(url);
    remote->folder = g_strdup(folder);
    remote->is_asked = TRUE;
    remote->is_sent_to = !is_read_only;
    remote->ending = g_cancellable_new();
    g_mutex_init(&remote->mutex);
    g_cond_init(&remote->changed);
    /* Not exclusive: threads start with the first result. */
    remote->senders = g_thread_pool_new(send_one, remote, SENDERS, FALSE, NULL);
    return remote;
}

void cache_remote_close(CacheRemote *remote) {
    cache_remote_finish(remote, 0);
    g_mutex_lock(&remote->mutex);
    while (remote->fetching > 0)
        g_cond_wait(&remote->changed, &remote->mutex);
    g_mutex_unlock(&remote->mutex);
    http_close(remote->http);
    g_object_unref(remote->ending);
    g_mutex_clear(&remote->mutex);
    g_cond_clear(&remote->changed);
    g_free(remote->shown);
    g_free(remote->folder);
    g_free(remote->complaint);
    g_free(remote);
}
