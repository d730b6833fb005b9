#include "history/database.h"
#include "base/error.h"
#include "base/text.h"
#include <string.h>

#define MOVE_AWAY "; move it away to start a new one"

/* What SQLite says may have names of the file in it. Where it has found nothing wrong, we have. */
gboolean database_fail(const History *history, GError **error) {
    int code = sqlite3_errcode(history->db);
    gboolean ours = code == SQLITE_OK || code == SQLITE_ROW || code == SQLITE_DONE;
    g_autofree char *said = text_line(ours ? "it is damaged" : sqlite3_errmsg(history->db));
    g_set_error(error, HARNESS_ERROR, HARNESS_ERROR_IO, "the history %s: %s%s", history->path, said,
                ours || code == SQLITE_NOTADB || code == SQLITE_CORRUPT ? MOVE_AWAY : "");
    return FALSE;
}

gboolean database_execute(const History *history, const char *sql, GError **error) {
    return sqlite3_exec(history->db, sql, NULL, NULL, NULL) == SQLITE_OK ||
           database_fail(history, error);
}

sqlite3_stmt *database_prepare(const History *history, const char *sql, GError **error) {
    sqlite3_stmt *statement = NULL;
    if (sqlite3_prepare_v2(history->db, sql, -1, &statement, NULL) != SQLITE_OK)
        database_fail(history, error);
    return statement;
}

gint64 database_number(const History *history, const char *sql, gint64 otherwise) {
    sqlite3_stmt *statement = database_prepare(history, sql, NULL);
    gint64 number = statement && sqlite3_step(statement) == SQLITE_ROW
                        ? sqlite3_column_int64(statement, 0)
                        : otherwise;
    sqlite3_finalize(statement);
    return number;
}

void database_bind_text(sqlite3_stmt *statement, int index, const char *text) {
    sqlite3_bind_text(statement, index, text, -1, SQLITE_STATIC);
}

void database_bind_range(const History *history, sqlite3_stmt *statement, int index,
                         HistoryRange range) {
    sqlite3_bind_int64(statement, index, history->base + MAX(range.first, 1));
    sqlite3_bind_int64(statement, index + 1, history->base + MIN(range.last, MACHINE_SPAN - 1));
}

char *database_text(sqlite3_stmt *statement, int column) {
    const char *text = (const char *)sqlite3_column_text(statement, column);
    return text ? text_from_bytes(text, strlen(text)) : NULL;
}

char *database_name(sqlite3_stmt *statement, int column) {
    char *text = database_text(statement, column);
    return text ? text : g_strdup("");
}

/* A file from somebody else may cause endless work by a view or trigger, which the harness never
 * creates. SQLite, "Defense Against The Dark Arts". */
gboolean database_check_schema(const History *history, GError **error) {
    sqlite3_db_config(history->db, SQLITE_DBCONFIG_TRUSTED_SCHEMA, 0, NULL);
    sqlite3_db_config(history->db, SQLITE_DBCONFIG_DEFENSIVE, 1, NULL);
    gint64 foreign = database_number(
        history, "SELECT count(*) FROM sqlite_schema WHERE type NOT IN ('table', 'index')", -1);
    if (foreign < 0) return database_fail(history, error);
    if (foreign == 0) return database_execute(history, "PRAGMA cell_size_check = ON", error);
    g_set_error(error, HARNESS_ERROR, HARNESS_ERROR_IO,
                "the history %s has views or triggers, which no harness creates" MOVE_AWAY,
                history->path);
    return FALSE;
}

gboolean database_end(const History *history, gboolean done, GError **error) {
    if (!done) {
        database_execute(history, "ROLLBACK", NULL);
        return FALSE;
    }
    if (database_execute(history, "COMMIT", error)) return TRUE;
    database_execute(history, "ROLLBACK", NULL);
    return FALSE;
}
