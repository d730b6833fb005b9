/* Which subtests cases printed. */
#include "history/database.h"

HistorySubtest *history_subtest_new(char *case_id, char *name) {
    HistorySubtest *subtest = g_new0(HistorySubtest, 1);
    *subtest = (HistorySubtest){case_id, name};
    return subtest;
}

void history_subtest_free(gpointer data) {
    HistorySubtest *subtest = data;
    g_free(subtest->case_id);
    g_free(subtest->name);
    g_free(subtest);
}

static const char subtests_sql[] =
    "WITH named AS MATERIALIZED"
    " (SELECT attempt.item AS item, attempt.id AS attempt, program.argv AS name"
    "  FROM program JOIN spawn ON spawn.program = program.id"
    "  JOIN attempt ON attempt.id = spawn.attempt"
    "  WHERE program.path = '" HISTORY_SUBTEST "' AND attempt.run BETWEEN ?1 AND ?2),"
    " newest AS (SELECT max(attempt) AS attempt FROM named GROUP BY item)"
    " SELECT item.name, named.name FROM named JOIN item ON item.id = named.item"
    " WHERE named.attempt IN (SELECT attempt FROM newest) ORDER BY 1, 2";

GPtrArray *history_subtests(History *history, GError **error) {
    sqlite3_stmt *statement = database_prepare(history, subtests_sql, error);
    if (!statement) return NULL;
    GPtrArray *subtests = g_ptr_array_new_with_free_func(history_subtest_free);
    database_bind_range(history, statement, 1, (HistoryRange){1, G_MAXINT64});
    int code;
    while ((code = sqlite3_step(statement)) == SQLITE_ROW)
        g_ptr_array_add(subtests, history_subtest_new(database_name(statement, 0),
                                                      database_name(statement, 1)));
    if (code != SQLITE_DONE) {
        database_fail(history, error);
        g_clear_pointer(&subtests, g_ptr_array_unref);
    }
    sqlite3_finalize(statement);
    return subtests;
}
