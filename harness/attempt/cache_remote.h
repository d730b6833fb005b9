/*
 * The server that several caches share, as one run sees it. Threads of its own ask and send, so
 * that no guest waits. The server may be slow, down or wrong: after a failure the run goes on
 * without it.
 */
#pragma once
#include <gio/gio.h>

typedef struct _CacheRemote CacheRemote;

/* `url` and `header` as in http_open; `folder` is that of the local cache. With `is_read_only`
 * nothing is sent. NULL and *error (HARNESS_ERROR_USAGE). */
CacheRemote *cache_remote_open(const char *url, const char *header, const char *folder,
                               gboolean is_read_only, GError **error);

/* Ends transfers that are in progress. */
void cache_remote_close(CacheRemote *remote);

/* Whether the server is still asked. */
gboolean cache_remote_is_asked(const CacheRemote *remote);

/* Copies the result `key` from the server into the folder, and calls `done` from the main loop, at
 * once when `cancellable`, which is not so yet, is cancelled. */
void cache_remote_fetch(CacheRemote *remote, const char *key, GCancellable *cancellable,
                        GAsyncReadyCallback done, gpointer data);

/* For `done`: whether the folder now holds the result. */
gboolean cache_remote_fetched(GAsyncResult *result);

/* Copies the result `key` from the folder to the server, some time. */
void cache_remote_send(CacheRemote *remote, const char *key);

/* Waits until all is sent that is to be sent, at most `limit_ns`, and ends what is not. Afterwards
 * nothing is sent any more. */
void cache_remote_finish(CacheRemote *remote, gint64 limit_ns);

/* The first thing that went wrong and what it means, as a sentence without a full stop; NULL if
 * nothing did. After cache_remote_finish. Free with g_free. */
char *cache_remote_complaint(const CacheRemote *remote);

/* The URL without user and password; owned by the remote. */
const char *cache_remote_shown(const CacheRemote *remote);

/* Asks the server; FALSE and *error if it does not answer as such a server does. */
gboolean cache_remote_probe(CacheRemote *remote, GError **error);

G_DEFINE_AUTOPTR_CLEANUP_FUNC(CacheRemote, cache_remote_close)
