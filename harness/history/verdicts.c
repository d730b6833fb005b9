#include "history/verdicts.h"
#include "history/database.h"
#include <string.h>

/* Nothing has changed where an attempt of the same run passed, and where the cache has a pass of
 * the same key, which the table flake tells. A skip is no verdict of the case. */
static const char verdicts_sql[] =
    "SELECT attempt.item, item.name, attempt.run, attempt.verdict = 'pass', flake.why,"
    " flake.why IS NOT NULL OR EXISTS (SELECT 1 FROM attempt AS other WHERE"
    "  attempt.verdict <> 'pass' AND other.item = attempt.item AND other.run = attempt.run"
    "  AND other.verdict = 'pass')"
    " FROM attempt JOIN item ON item.id = attempt.item"
    " LEFT JOIN flake ON flake.attempt = attempt.id"
    " WHERE attempt.run BETWEEN ?1 AND ?2 AND attempt.verdict <> 'skip'"
    " ORDER BY item.name, attempt.item, attempt.run, attempt.id";

static void verdicts_free(gpointer data) {
    CaseVerdicts *verdicts = data;
    g_free(verdicts->case_id);
    g_free(verdicts->why);
    g_array_unref(verdicts->failed);
    g_free(verdicts);
}

static CaseVerdicts *verdicts_new(char *case_id) {
    CaseVerdicts *verdicts = g_new0(CaseVerdicts, 1);
    verdicts->case_id = case_id;
    verdicts->failed = g_array_new(FALSE, FALSE, sizeof(gint64));
    return verdicts;
}

static void add_attempt(const History *history, sqlite3_stmt *statement, CaseVerdicts *verdicts) {
    gint64 run = sqlite3_column_int64(statement, 2) - history->base;
    guint count = verdicts->failed->len;
    verdicts->attempts++;
    if (sqlite3_column_int(statement, 3)) return;
    if (count == 0 || g_array_index(verdicts->failed, gint64, count - 1) != run)
        g_array_append_val(verdicts->failed, run);
    if (!sqlite3_column_int(statement, 5)) return;
    verdicts->flakes++;
    verdicts->newest_flake = run;
    g_free(verdicts->why);
    verdicts->why = database_text(statement, 4);
}

GPtrArray *verdicts_read(History *history, GError **error) {
    sqlite3_stmt *statement = database_prepare(history, verdicts_sql, error);
    if (!statement) return NULL;
    database_bind_range(history, statement, 1, (HistoryRange){1, G_MAXINT64});
    GPtrArray *all = g_ptr_array_new_with_free_func(verdicts_free);
    CaseVerdicts *verdicts = NULL;
    gint64 item = 0;
    int code;
    while ((code = sqlite3_step(statement)) == SQLITE_ROW) {
        if (!verdicts || item != sqlite3_column_int64(statement, 0)) {
            item = sqlite3_column_int64(statement, 0);
            verdicts = verdicts_new(database_name(statement, 1));
            g_ptr_array_add(all, verdicts);
        }
        add_attempt(history, statement, verdicts);
    }
    if (code != SQLITE_DONE) {
        database_fail(history, error);
        g_clear_pointer(&all, g_ptr_array_unref);
    }
    sqlite3_finalize(statement);
    return all;
}
