/*
 * A cache entry: the files of an attempt that passed. The text has the key, the case, when (in
 * seconds since 1970) and by which run it passed, a line for each file in order of arrival, and the
 * hash of all lines above, so that a truncated, changed or misplaced entry is rejected:
 *
 *     harness-cache 3 c0ffee...
 *     case boot0/catm
 *     proved 1795820000 20261128T003320.123456Z-4711
 *     kept 5891b5b522d5df086d0ff0b110fbd9d21bb4fc7163af34d08286a2e846f6be03 6 /out
 *     input 36a9e7f1c95b82ffb99743e0c5c4ce95d83c9a430aac59f84ef3cbfab6145068 1 /a
 *     end 1f0d...
 *
 * "input" is a file that the guest left as it was put in, which is not written again. A subtest of
 * the case has a line "subtest RESULT NAME DETAIL", of which the last may be empty.
 */
#pragma once
#include "attempt/results.h"

typedef struct {
    gboolean is_kept;
    char *sha256;
    guint64 size;
    char *guest_path;
} CacheFile;

typedef struct {
    char *id;  /* of the case */
    char *run; /* as in Cache */
    gint64 proved_s;
    GPtrArray *files;    /* of CacheFile */
    GPtrArray *subtests; /* of Result */
} CacheEntry;

/* Strings are copied. */
CacheEntry *cache_entry_new(const char *id, const char *run, gint64 proved_s);
void cache_entry_free(CacheEntry *entry);

/* Adds a file; strings are copied. */
void cache_entry_add(CacheEntry *entry, gboolean is_kept, const char *sha256, guint64 size,
                     const char *guest_path);

/* The text of the entry for `key`; free with g_free. */
char *cache_entry_format(const CacheEntry *entry, const char *key);

/* Parses the entry for `key` from `length` bytes; NULL if it is invalid. */
CacheEntry *cache_entry_parse(const char *text, gsize length, const char *key);

G_DEFINE_AUTOPTR_CLEANUP_FUNC(CacheEntry, cache_entry_free)
