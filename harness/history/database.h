/*
 * The SQLite database below a history: statements, values and what a damaged or hostile file does
 * to them. Only the sources of this room include it.
 */
#pragma once
#include "history/history.h"
#include <sqlite3.h>

/* The runs of machine M (1: this one) have the ids from (M - 1) * MACHINE_SPAN + 1 on, so that a
 * range of runs holds those of one machine. */
#define MACHINE_SPAN (G_GINT64_CONSTANT(1) << 40)

/* More machines than that are a file made to cost time; ids beyond are not looked at. */
#define MACHINES_MAX 10000

struct _History {
    sqlite3 *db;
    char *path;
    gint64 base; /* what the ids of the chosen machine's runs have more than their numbers */
};

/* Sets *error to what SQLite says; always returns FALSE. */
gboolean database_fail(const History *history, GError **error);

gboolean database_execute(const History *history, const char *sql, GError **error);

/* The statement, to be finalized; NULL and *error. */
sqlite3_stmt *database_prepare(const History *history, const char *sql, GError **error);

/* The number that a query returns, or `otherwise`. */
gint64 database_number(const History *history, const char *sql, gint64 otherwise);

/* Binds a text that lives until the statement has run; or NULL. */
void database_bind_text(sqlite3_stmt *statement, int index, const char *text);

/* Binds the ids of a range of the chosen machine's runs to two values. */
void database_bind_range(const History *history, sqlite3_stmt *statement, int index,
                         HistoryRange range);

/* A column as UTF-8; NULL if there is none. Free with g_free. */
char *database_text(sqlite3_stmt *statement, int column);

/* The same for a column without NULLs, unless the file is damaged. */
char *database_name(sqlite3_stmt *statement, int column);

/* Refuses a file whose schema can cause work that no harness asks for. */
gboolean database_check_schema(const History *history, GError **error);

/* Takes a database of unknown origin for a history: checks its version and makes the tables that
 * came after it. */
gboolean history_adopt(History *history, GError **error);

/* Ends what is open in `history`: COMMIT if `done`, else ROLLBACK. Returns whether all is done. */
gboolean database_end(const History *history, gboolean done, GError **error);
