#include "attempt/cache_transfer.h"
#include "attempt/cache_entry.h"
#include "attempt/cache_files.h"
#include "attempt/cache_folder.h"
#include "base/error.h"
#include <string.h>

/* Longer than the text of any entry: an attempt keeps EVENT_FILES_BYTES of files and
 * EVENT_SUBTESTS_BYTES of subtests (event.h). */
#define ENTRY_MAX_BYTES (G_GUINT64_CONSTANT(128) * 1024 * 1024)

/* ---- Fetching ---- */

static gboolean add_text(gpointer data, const guint8 *bytes, gsize length) {
    g_string_append_len(data, (const char *)bytes, (gssize)length);
    return TRUE;
}

typedef struct {
    CacheIncoming incoming;
    GError *failed; /* of the folder */
} Sink;

static gboolean add_data(gpointer data, const guint8 *bytes, gsize length) {
    Sink *sink = data;
    return cache_incoming_data(&sink->incoming, bytes, length, &sink->failed);
}

/* HTTP_NOT_FOUND, 0 and *error, or 200. */
static guint receive(Http *http, const char *path, const CacheFile *file, Sink *sink,
                     const HttpLimit *limit, GError **error) {
    guint status = http_get(http, path, file->size, add_data, sink, limit, error);
    if (!sink->failed) return status;
    g_clear_error(error);
    g_propagate_error(error, g_steal_pointer(&sink->failed));
    return 0;
}

static gboolean fetch_file(Http *http, const char *folder, const CacheFile *file,
                           const HttpLimit *limit, gboolean *ret_found, GError **error) {
    g_autofree char *path = g_strconcat("cas/", file->sha256, NULL);
    Sink sink = {.incoming.fd = -1};
    guint status = 0;
    if (cache_incoming_open(&sink.incoming, folder, file->sha256, error))
        status = receive(http, path, file, &sink, limit, error);
    gboolean is_done =
        status == HTTP_NOT_FOUND || (status != 0 && cache_incoming_publish(&sink.incoming, error));
    cache_incoming_clear(&sink.incoming);
    if (is_done)
        *ret_found = status != HTTP_NOT_FOUND;
    else
        g_prefix_error(error, "GET %s: ", path);
    return is_done;
}

/* What a cache keeps at all. */
static gboolean is_small(const CacheEntry *entry) {
    guint64 left = CACHE_MAX_BYTES;
    for (guint i = 0; i < entry->files->len; i++) {
        const CacheFile *file = entry->files->pdata[i];
        if (!file->is_kept) continue;
        if (file->size > left) return FALSE;
        left -= file->size;
    }
    return TRUE;
}

static gboolean fetch_files(Http *http, const char *folder, const CacheEntry *entry,
                            const HttpLimit *limit, gboolean *ret_found, GError **error) {
    *ret_found = TRUE;
    for (guint i = 0; *ret_found && i < entry->files->len; i++) {
        const CacheFile *file = entry->files->pdata[i];
        if (!file->is_kept || cache_files_has(folder, file->sha256, file->size)) continue;
        if (!fetch_file(http, folder, file, limit, ret_found, error)) return FALSE;
    }
    return TRUE;
}

gboolean cache_transfer_fetch(Http *http, const char *folder, const char *key,
                              const HttpLimit *limit, gboolean *ret_found, GError **error) {
    g_autofree char *path = g_strconcat("ac/", key, NULL);
    g_autoptr(GString) text = g_string_new(NULL);
    guint status = http_get(http, path, ENTRY_MAX_BYTES, add_text, text, limit, error);
    *ret_found = FALSE;
    if (status == 0) g_prefix_error(error, "GET %s: ", path);
    if (status == 0 || status == HTTP_NOT_FOUND) return status != 0;
    g_autoptr(CacheEntry) entry = cache_entry_parse(text->str, text->len, key);
    if (!entry || !is_small(entry)) {
        g_set_error(error, HARNESS_ERROR, HARNESS_ERROR_PROTOCOL,
                    "GET %s: what the server sends is not the result of that name", path);
        return FALSE;
    }
    if (!fetch_files(http, folder, entry, limit, ret_found, error)) return FALSE;
    if (!*ret_found) return TRUE;
    g_autofree char *to = cache_files_path(folder, CACHE_ENTRIES, key);
    return cache_files_save(to, text->str, text->len, error);
}

/* ---- Sending ---- */

static gboolean put(Http *http, const char *kind, const char *name, const void *bytes, gsize size,
                    const HttpLimit *limit, GError **error) {
    g_autofree char *path = g_strconcat(kind, name, NULL);
    if (http_put(http, path, bytes, size, limit, error)) return TRUE;
    g_prefix_error(error, "PUT %s: ", path);
    return FALSE;
}

/* Others would have to find out that a damaged file is one. */
static gboolean is_intact(const char *data, gsize size, const CacheFile *file) {
    g_autoptr(GBytes) bytes = g_bytes_new_static(data, size);
    g_autofree char *sha256 = hash_bytes(bytes);
    return size == file->size && strcmp(sha256, file->sha256) == 0;
}

static gboolean send_file(Http *http, const char *folder, const CacheFile *file,
                          const HttpLimit *limit, gboolean *ret_sent, GError **error) {
    g_autofree char *path = cache_files_path(folder, CACHE_OBJECTS, file->sha256);
    g_autoptr(GMappedFile) mapped = g_mapped_file_new(path, FALSE, NULL);
    const char *data = mapped ? g_mapped_file_get_contents(mapped) : NULL;
    gsize size = mapped ? g_mapped_file_get_length(mapped) : 0;
    *ret_sent = mapped && is_intact(data, size, file);
    return !*ret_sent || put(http, "cas/", file->sha256, data, size, limit, error);
}

gboolean cache_transfer_send(Http *http, const char *folder, const char *key,
                             const HttpLimit *limit, GError **error) {
    g_autofree char *path = cache_files_path(folder, CACHE_ENTRIES, key);
    g_autofree char *text = NULL;
    gsize length;
    if (!g_file_get_contents(path, &text, &length, NULL)) return TRUE;
    g_autoptr(CacheEntry) entry = cache_entry_parse(text, length, key);
    gboolean has_all = entry && is_small(entry);
    for (guint i = 0; has_all && i < entry->files->len; i++) {
        const CacheFile *file = entry->files->pdata[i];
        if (file->is_kept && !send_file(http, folder, file, limit, &has_all, error)) return FALSE;
    }
    return !has_all || put(http, "ac/", key, text, length, limit, error);
}

gboolean cache_transfer_probe(Http *http, const HttpLimit *limit, GError **error) {
    /* The key of no result. */
    g_autofree char *path = g_strdup_printf("ac/%0*d", HASH_HEX_SIZE - 1, 0);
    g_autoptr(GString) text = g_string_new(NULL);
    return http_get(http, path, ENTRY_MAX_BYTES, add_text, text, limit, error) != 0;
}
