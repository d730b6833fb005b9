/*
 * A content-addressed cache of results, which many harnesses may share. The key of a result is the
 * hash of everything that can change it: the case, its input bytes and expectations, kernel, QEMU,
 * driver and this program. Only passes at the first attempt are kept.
 */
#pragma once
#include "attempt/event.h"
#include "attempt/outputs.h"
#include "attempt/verdict.h"
#include "guest/boot.h"

/* `expected` is a GPtrArray of ExpectedFile, `counterpart_files` as in AttemptSubject. Free with
 * g_free; NULL and *error if something cannot be read. */
char *cache_key(const Boot *boot, const char *qemu, gboolean icount, const Inputs *inputs,
                const GPtrArray *expected, const GHashTable *counterpart_files, GError **error);

/*
 * Restores the files of the attempt with that key, and appends their events and EVENT_CACHED to
 * `log`. FALSE if there is no intact entry; a damaged one is removed, and some files may have been
 * written.
 */
gboolean cache_restore(const char *folder, const char *key, Outputs *outputs, EventLog *log);

/* Removes the result with that key. */
void cache_forget(const char *folder, const char *key);

/* Stores the files of an attempt from `out_folder`, as listed in its log. */
gboolean cache_store(const char *folder, const char *key, const EventLog *log,
                     const char *out_folder, GError **error);
