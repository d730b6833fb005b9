/*
 * The folder of a cache as a whole: what it holds, and what goes when it grows. An entry goes by
 * the time of its last use; a file goes when no entry names it. Everything here may happen beside
 * other harnesses: what they lose, they run again.
 */
#pragma once
#include <glib.h>

/* Some twenty states of the whole chain. */
#define CACHE_MAX_BYTES (G_GUINT64_CONSTANT(2) * 1024 * 1024 * 1024)
#define CACHE_MAX_AGE_S (30 * 86400)

typedef struct {
    guint64 bytes; /* of entries and files */
    gint64 age_s;  /* since an entry was last used */
} CacheLimits;

typedef struct {
    guint entries, damaged, files;
    guint64 bytes;
    gint64 oldest_s, newest_s; /* last uses, in seconds since 1970; 0: no entry */
} CacheUse;

/* An entry, for those who look at the folder. */
typedef struct {
    const char *key, *id, *run;
    gint64 proved_s, used_s;
    guint files;
    guint64 bytes; /* of its files; two entries may share files */
} CacheResult;

/* What is in the folder, passing each result to `each` (or NULL) from the oldest use to the newest.
 * A missing folder is empty. */
CacheUse cache_folder_use(const char *folder,
                          void (*each)(gpointer data, const CacheResult *result), gpointer data);

/* Removes what exceeds the limits, damaged entries, and files without an entry that are older than
 * a run may take between storing files and their entry. *ret_left is what is left. */
void cache_folder_prune(const char *folder, const CacheLimits *limits, CacheUse *ret_left);

/* The same, unless it was done within the last hour. */
void cache_folder_prune_sometimes(const char *folder, const CacheLimits *limits);
