/*
 * Results of cases that need not be run again: a folder, content-addressed, that many harnesses may
 * use at once. The key of a result is the hash of everything that can change it: the case, the
 * bytes that go in, what must come out, kernel, QEMU, driver and this program. Only passes at the
 * first attempt are kept.
 */
#pragma once
#include "attempt/event.h"
#include "attempt/outputs.h"
#include "attempt/verdict.h"
#include "guest/boot.h"

/* `expected` is a GPtrArray of ExpectedFile, `twin_files` as in RunSubject. Free with g_free; NULL
 * and *error when something cannot be read. */
char *cache_key(const Boot *boot, const char *qemu, gboolean icount, const Inputs *inputs,
                const GPtrArray *expected, const GHashTable *counterpart_files, GError **error);

/*
 * Brings back what the run with that key left: its files, with their events in `log`, and
 * EVENT_CACHED. FALSE when the cache has none that is whole, and what is damaged is removed; some
 * files may have been written then.
 */
gboolean cache_restore(const char *folder, const char *key, Outputs *outputs, EventLog *log);

/* Removes the result with that key. */
void cache_forget(const char *folder, const char *key);

/* Keeps what a run left: its files in `out_folder`, by the events of its log. */
gboolean cache_store(const char *folder, const char *key, const EventLog *log,
                     const char *out_folder, GError **error);
