/* Histories of other machines, kept apart by machine. */
#pragma once
#include "history/history.h"

typedef struct {
    guint runs;     /* that were added */
    guint known;    /* that the history had already */
    guint machines; /* that are new */
} ImportCounts;

/*
 * Adds the runs of a file: a database of a harness, or what the formats "jsonl" and "csv" of
 * export.h hold. Runs that the history has are passed over. `machine` names the machine that the
 * file is of, or is NULL: then the file says it. Either all is added or nothing: FALSE and *error,
 * HARNESS_ERROR_USAGE if the file is to blame.
 */
gboolean history_import(History *history, const char *path, const char *machine,
                        ImportCounts *ret_counts, GError **error);

/* The same of `length` bytes at `data`, which the file `name` holds. */
gboolean history_import_bytes(History *history, const char *data, gsize length, const char *name,
                              const char *machine, ImportCounts *ret_counts, GError **error);
