/*
 * A cache entry: the files of an attempt that passed. The text has the key, a line for each file in
 * order of arrival, and the hash of all lines above, so that a truncated, changed or misplaced
 * entry is rejected:
 *
 *     harness-cache 2 c0ffee...
 *     kept 5891b5b522d5df086d0ff0b110fbd9d21bb4fc7163af34d08286a2e846f6be03 6 /out
 *     input 36a9e7f1c95b82ffb99743e0c5c4ce95d83c9a430aac59f84ef3cbfab6145068 1 /a
 *     end 1f0d...
 *
 * "input" is a file that the guest left as it was put in, which is not written again.
 */
#pragma once
#include <glib.h>

typedef struct {
    gboolean is_kept;
    char *sha256;
    guint64 size;
    char *guest_path;
} CacheFile;

/* A list of CacheFile; free with g_ptr_array_unref. */
GPtrArray *cache_entry_new(void);

/* Adds a file; strings are copied. */
void cache_entry_add(GPtrArray *entry, gboolean is_kept, const char *sha256, guint64 size,
                     const char *guest_path);

/* The text of the entry for `key`; free with g_free. */
char *cache_entry_format(const GPtrArray *entry, const char *key);

/* Parses the entry for `key` from `length` bytes; NULL if it is invalid. */
GPtrArray *cache_entry_parse(const char *text, gsize length, const char *key);
