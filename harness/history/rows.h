/*
 * The history as rows, one for each spawn and one for each attempt without any: what leaves a
 * history and comes into another. The table of columns is that of the formats "jsonl" and "csv".
 */
#pragma once
#include "history/history.h"

typedef enum {
    ROW_MACHINE_ID,
    ROW_MACHINE,
    ROW_RUN,
    ROW_TIME,
    ROW_LABEL,
    ROW_ICOUNT,
    ROW_ROWS,
    ROW_QEMU,
    ROW_KERNEL,
    ROW_ATTEMPT,
    ROW_CASE,
    ROW_VERDICT,
    ROW_DURATION,
    ROW_FLAKY,
    ROW_N,
    ROW_PROGRAM,
    ROW_ARGV,
    ROW_STATUS,
    ROW_HOST,
    ROW_GUEST,
} RowColumn;
#define ROW_COLUMNS (ROW_GUEST + 1)

/* A value: a text, or, where that is NULL and `is_set`, a number. */
typedef struct {
    char *text;
    gint64 number;
    gboolean is_set;
} RowValue;

typedef struct {
    RowValue values[ROW_COLUMNS];
} Row;

typedef struct {
    const char *name; /* in JSON and in the first line of CSV */
    gboolean is_number;
    gboolean is_needed;
    gboolean is_spawns; /* only rows of a spawn have it, and all of those */
} RowColumnInfo;

extern const RowColumnInfo row_columns[ROW_COLUMNS];

void row_clear(Row *row);

/* What is wrong with a row from outside, as an end of a sentence: "has no time". NULL: nothing.
 * Free with g_free. */
char *row_check(const Row *row);

/* Calls `each` with every row of `range` of the chosen machine, by run, attempt and spawn, until it
 * returns FALSE and *error. */
gboolean rows_read(History *history, HistoryRange range,
                   gboolean (*each)(gpointer data, const Row *row, GError **error), gpointer data,
                   GError **error);

G_DEFINE_AUTO_CLEANUP_CLEAR_FUNC(Row, row_clear)
