/* Adds rows of other machines to a history, within a transaction of the caller's. */
#pragma once
#include "history/import.h"
#include "history/rows.h"

typedef struct _ImportAdder ImportAdder;

/* NULL and *error. */
ImportAdder *import_adder_new(History *history, GError **error);
void import_adder_free(ImportAdder *adder);

/* The name of the machine that the next rows are of, or NULL: the rows say it. */
void import_adder_name(ImportAdder *adder, const char *machine);

/* A RowSink, whose data is the adder. The rows of a run stand together, its attempts in order. */
gboolean import_adder_add(gpointer adder, const Row *row, GError **error);

/* After the last row: whether the last run is whole. */
gboolean import_adder_finish(ImportAdder *adder, ImportCounts *ret_counts, GError **error);

G_DEFINE_AUTOPTR_CLEANUP_FUNC(ImportAdder, import_adder_free)
