/* The files in the folder of a cache: KIND/XX/NAME, each complete or not there at all. */
#pragma once
#include "base/hash.h"

#define CACHE_ENTRIES "entries"
#define CACHE_OBJECTS "objects"

/* The path of a file; `name` is a hash. Free with g_free. */
char *cache_files_path(const char *folder, const char *kind, const char *name);

/* Writes the file and the folders that it needs. */
gboolean cache_files_save(const char *path, const char *data, gsize size, GError **error);

/* Whether the folder has an object of that name and size. It has the bytes that its name says, or
 * fails its hash when it is restored. */
gboolean cache_files_has(const char *folder, const char *sha256, guint64 size);

/* An object whose bytes come piece by piece, in a file that has no name. */
typedef struct {
    char *path;
    char *sha256;
    int fd;
    struct sha256_ctx hash;
} CacheIncoming;

/* FALSE and *error on failure. */
gboolean cache_incoming_open(CacheIncoming *incoming, const char *folder, const char *sha256,
                             GError **error);
gboolean cache_incoming_data(CacheIncoming *incoming, const guint8 *data, gsize length,
                             GError **error);

/* Stores the object; FALSE and *error (HARNESS_ERROR_PROTOCOL) if its hash is another. */
gboolean cache_incoming_publish(CacheIncoming *incoming, GError **error);

/* Drops what was not published. */
void cache_incoming_clear(CacheIncoming *incoming);

G_DEFINE_AUTO_CLEANUP_CLEAR_FUNC(CacheIncoming, cache_incoming_clear)
