/* Rows (rows.h) out of the text of a file: JSON lines, or CSV. */
#pragma once
#include "history/rows.h"

typedef gboolean (*RowSink)(gpointer data, const Row *row, GError **error);

/*
 * Calls `each` with every row of `length` bytes at `text`, of the file `name`, until it returns
 * FALSE and *error. Rows are checked (row_check). An object for each line, if the text begins with
 * a brace; else CSV (RFC 4180) whose first line names the columns, in any order: unknown ones are
 * passed over. FALSE and *error (HARNESS_ERROR_USAGE): "NAME:LINE: what is wrong".
 */
gboolean rows_parse(const char *text, gsize length, const char *name, RowSink each, gpointer data,
                    GError **error);
