/*
 * A content-addressed cache of results, which many harnesses may share: entries/XX/KEY is the text
 * of an entry (cache_entry.h), objects/XX/SHA256 a file of a guest. Only passes at the first
 * attempt are kept. Behind the folder there may be a server that many folders share.
 */
#pragma once
#include "attempt/cache_key.h"
#include "attempt/cache_remote.h"
#include "attempt/event.h"

/* Its place below the root: not in build/, which may be removed. */
#define CACHE_FOLDER ".harness/cache"
/* Hashes of the files of this checkout (hash_memo.h), below the root. */
#define CACHE_HASHES ".harness/hashes"

typedef struct {
    char *folder;
    char *run; /* what proves results of this run: the name of its journal, or a link; owned */
    HashMemo *memo;
    CacheRemote *remote; /* what other caches share with this one, or NULL; owned */
    gboolean is_fresh;   /* nothing is restored, but passes are kept */
    guint stored;        /* results that have come into the folder in this run */
} Cache;

/* `root` is that of the project; strings are copied. `run` is set before anything is stored. */
Cache *cache_open(const char *folder, const char *root, gboolean is_fresh);
void cache_close(Cache *cache);

/*
 * Makes the output folder `out` hold exactly the files of the attempt with that key, touching
 * nothing that it holds already, and appends their events and EVENT_CACHED to `log`. FALSE if there
 * is no intact entry; a damaged one is removed, and `out` may have been emptied.
 */
gboolean cache_restore(Cache *cache, const char *key, const char *out, EventLog *log);

/* Removes the result with that key. */
void cache_forget(Cache *cache, const char *key);

/* "RUN at TIME", which proved the result with that key; NULL if none is kept. Free with g_free. */
char *cache_proof(const Cache *cache, const char *key);

/* Stores the files of an attempt at the case `id` from `out`, as listed in its log. */
gboolean cache_store(Cache *cache, const char *key, const char *id, const EventLog *log,
                     const char *out, GError **error);

G_DEFINE_AUTOPTR_CLEANUP_FUNC(Cache, cache_close)
