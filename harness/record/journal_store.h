/* The folder that keeps the journals of the last runs: build/journal below the root. */
#pragma once
#include <glib.h>

/* Journals kept: more than a day of work, some 10 MB. */
#define JOURNAL_STORE_KEPT 100

/*
 * Creates an empty journal DATE-TIME-PID.jsonl (UTC) in `folder`, which is created if missing, and
 * deletes the oldest until JOURNAL_STORE_KEPT are left; other files are not touched. Returns its
 * path, to be freed with g_free, or NULL and *error (HARNESS_ERROR_IO).
 */
char *journal_store_new(const char *folder, GError **error);

/* The path of the newest, or NULL and *error (HARNESS_ERROR_USAGE) if there is none. */
char *journal_store_newest(const char *folder, GError **error);
