/* The folder that keeps the journals of the last runs: build/journal below the root. */
#pragma once
#include <glib.h>

/* A run of the gates at work is looked at the same day; this many are some 10 MB. */
#define JOURNAL_STORE_KEPT 100

/*
 * Makes an empty journal DATE-TIME-PID.jsonl (UTC) in `folder`, which is made, and deletes the
 * oldest until JOURNAL_STORE_KEPT are left; other files are left alone. Returns its path, to be
 * freed with g_free, or NULL and *error (HARNESS_ERROR_IO).
 */
char *journal_store_new(const char *folder, GError **error);

/* The path of the newest, or NULL and *error (HARNESS_ERROR_USAGE) when there is none. */
char *journal_store_newest(const char *folder, GError **error);
