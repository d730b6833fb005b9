#include "attempt/cache.h"
#include "attempt/cache_entry.h"
#include "attempt/cache_files.h"
#include "attempt/outputs.h"
#include "base/text.h"
#include <errno.h>
#include <fcntl.h>
#include <fts.h>
#include <string.h>
#include <unistd.h>

/* A hit renews the time of an entry, for cache_folder_prune, but not more often than this. */
#define RENEWED_S 3600

Cache *cache_open(const char *folder, const char *root, gboolean is_fresh) {
    Cache *cache = g_new0(Cache, 1);
    g_autofree char *hashes = g_build_filename(root, CACHE_HASHES, NULL);
    *cache =
        (Cache){.folder = g_strdup(folder), .memo = hash_memo_open(hashes), .is_fresh = is_fresh};
    return cache;
}

void cache_close(Cache *cache) {
    g_clear_pointer(&cache->remote, cache_remote_close);
    hash_memo_close(cache->memo);
    g_free(cache->folder);
    g_free(cache->run);
    g_free(cache);
}

/* ---- Restoring ---- */

/* Everything below the folder but folders; 0 if there is none. */
static guint count_files(const char *folder) {
    char *const roots[] = {(char *)folder, NULL};
    FTS *walk = fts_open(roots, FTS_PHYSICAL | FTS_NOCHDIR | FTS_NOSTAT, NULL);
    guint count = 0;
    for (FTSENT *entry; walk && (entry = fts_read(walk));)
        count += entry->fts_info != FTS_D && entry->fts_info != FTS_DP;
    if (walk) fts_close(walk);
    return count;
}

/* Whether `out` has that file with these bytes. */
static gboolean has_file(const Cache *cache, const char *out, const CacheFile *file) {
    g_autofree char *path = g_strconcat(out, file->guest_path, NULL);
    struct stat status;
    if (lstat(path, &status) != 0 || !S_ISREG(status.st_mode) ||
        (guint64)status.st_size != file->size)
        return FALSE;
    g_autofree char *sha256 = hash_memo_file(cache->memo, path, NULL);
    return g_strcmp0(sha256, file->sha256) == 0;
}

/* Whether `out` has the files of the entry and no other. */
static gboolean has_all(const Cache *cache, const char *out, const CacheEntry *entry) {
    guint kept = 0;
    for (guint i = 0; i < entry->files->len; i++) {
        const CacheFile *file = entry->files->pdata[i];
        if (!file->is_kept) continue;
        if (!has_file(cache, out, file)) return FALSE;
        kept++;
    }
    return access(out, F_OK) == 0 && count_files(out) == kept;
}

/* FALSE if the file cannot be restored; a damaged object is removed, so that it is stored anew. */
static gboolean restore_file(const Cache *cache, const CacheFile *file, Outputs *outputs) {
    g_autofree char *path = cache_files_path(cache->folder, CACHE_OBJECTS, file->sha256);
    g_autoptr(GMappedFile) mapped = g_mapped_file_new(path, FALSE, NULL);
    if (!mapped) return FALSE;
    gsize size = g_mapped_file_get_length(mapped);
    if (!outputs_begin(outputs, file->guest_path, NULL) ||
        !outputs_data(outputs, (const guint8 *)g_mapped_file_get_contents(mapped), size, NULL))
        return FALSE;
    if (size == file->size && strcmp(outputs_sha256(outputs), file->sha256) == 0)
        return outputs_publish(outputs, NULL);
    unlink(path);
    return FALSE;
}

static gboolean restore_all(const Cache *cache, const char *out, const CacheEntry *entry) {
    g_autoptr(Outputs) outputs = outputs_new(out, NULL);
    if (!outputs) return FALSE;
    for (guint i = 0; i < entry->files->len; i++) {
        const CacheFile *file = entry->files->pdata[i];
        if (file->is_kept && !restore_file(cache, file, outputs)) return FALSE;
    }
    return TRUE;
}

static void append_events(EventLog *log, const CacheEntry *entry, const char *key) {
    for (guint i = 0; i < entry->files->len; i++) {
        const CacheFile *file = entry->files->pdata[i];
        event_log_append(log, &(Event){.kind = EVENT_FILE,
                                       .text = file->guest_path,
                                       .size = file->size,
                                       .number = !file->is_kept,
                                       .sha256 = file->sha256});
    }
    for (guint i = 0; i < entry->subtests->len; i++) {
        const Result *subtest = entry->subtests->pdata[i];
        event_log_append(log, &(Event){.kind = EVENT_SUBTEST,
                                       .text = subtest->name,
                                       .number = subtest->kind,
                                       .size = SUBTEST_UNTIMED,
                                       .detail = subtest->detail});
    }
    event_log_append(log, &(Event){.kind = EVENT_CACHED,
                                   .text = entry->run,
                                   .number = entry->proved_s,
                                   .sha256 = key});
}

static void renew(const char *path) {
    struct stat status;
    gint64 now_s = g_get_real_time() / G_USEC_PER_SEC;
    if (stat(path, &status) == 0 && status.st_mtime < now_s - RENEWED_S)
        utimensat(AT_FDCWD, path, NULL, 0);
}

/* The entry of that key, or NULL; *ret_exists if there is one, which may be damaged. */
static CacheEntry *load_entry(const Cache *cache, const char *key, gboolean *ret_exists) {
    g_autofree char *path = cache_files_path(cache->folder, CACHE_ENTRIES, key);
    g_autofree char *text = NULL;
    gsize length;
    *ret_exists = g_file_get_contents(path, &text, &length, NULL);
    return *ret_exists ? cache_entry_parse(text, length, key) : NULL;
}

char *cache_proof(const Cache *cache, const char *key) {
    gboolean exists;
    g_autoptr(CacheEntry) entry = load_entry(cache, key, &exists);
    g_autofree char *time = entry ? text_time(entry->proved_s) : NULL;
    return time ? g_strdup_printf("%s at %s", entry->run, time) : NULL;
}

gboolean cache_restore(Cache *cache, const char *key, const char *out, EventLog *log) {
    gboolean exists;
    g_autofree char *path = cache_files_path(cache->folder, CACHE_ENTRIES, key);
    g_autoptr(CacheEntry) entry = load_entry(cache, key, &exists);
    if (!entry) {
        if (exists) cache_forget(cache, key);
        return FALSE;
    }
    if (!has_all(cache, out, entry) && !restore_all(cache, out, entry)) return FALSE;
    append_events(log, entry, key);
    renew(path);
    return TRUE;
}

/* ---- Keeping ---- */

void cache_forget(Cache *cache, const char *key) {
    g_autofree char *path = cache_files_path(cache->folder, CACHE_ENTRIES, key);
    unlink(path);
}

static gboolean store_object(const Cache *cache, const char *sha256, const char *from,
                             GError **error) {
    g_autoptr(GMappedFile) mapped = g_mapped_file_new(from, FALSE, error);
    if (!mapped) return FALSE;
    gsize size = g_mapped_file_get_length(mapped);
    if (cache_files_has(cache->folder, sha256, size)) return TRUE;
    g_autofree char *to = cache_files_path(cache->folder, CACHE_OBJECTS, sha256);
    const char *data = g_mapped_file_get_contents(mapped);
    return cache_files_save(to, data ? data : "", size, error);
}

gboolean cache_store(Cache *cache, const char *key, const char *id, const EventLog *log,
                     const char *out, GError **error) {
    g_autoptr(CacheEntry) entry =
        cache_entry_new(id, cache->run, g_get_real_time() / G_USEC_PER_SEC);
    for (guint i = 0; i < log->events->len; i++) {
        const Event *event = event_log_get(log, i);
        if (event->kind == EVENT_SUBTEST)
            g_ptr_array_add(entry->subtests,
                            result_new((ResultKind)event->number, g_strdup(event->text),
                                       g_strdup(event->detail), -1));
        if (event->kind != EVENT_FILE) continue;
        g_autofree char *from = g_strconcat(out, event->text, NULL);
        gboolean is_kept = access(from, F_OK) == 0;
        if (is_kept && !store_object(cache, event->sha256, from, error)) return FALSE;
        cache_entry_add(entry, is_kept, event->sha256, event->size, event->text);
    }
    g_autofree char *path = cache_files_path(cache->folder, CACHE_ENTRIES, key);
    g_autofree char *text = cache_entry_format(entry, key);
    cache->stored++;
    return cache_files_save(path, text, strlen(text), error);
}
