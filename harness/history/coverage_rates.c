/* How much counted runs have covered. */
#include "history/database.h"

/* A page shows no more, and more are a file made to cost time. */
#define RATES_MAX "10000"

void history_rate_free(gpointer data) {
    HistoryRate *rate = data;
    g_free(rate->time);
    g_free(rate->cases);
    g_free(rate->label);
    g_free(rate);
}

static const char add_sql[] = "INSERT INTO coverage (time, cases, label, lines, lines_hit,"
                              " functions, functions_hit) VALUES (?, ?, ?, ?, ?, ?, ?)";

gboolean history_add_rate(History *history, const HistoryRate *rate, GError **error) {
    sqlite3_stmt *statement = database_prepare(history, add_sql, error);
    if (!statement) return FALSE;
    const guint counts[] = {rate->lines, rate->lines_hit, rate->functions, rate->functions_hit};
    database_bind_text(statement, 1, rate->time);
    database_bind_text(statement, 2, rate->cases);
    database_bind_text(statement, 3, rate->label);
    for (guint i = 0; i < G_N_ELEMENTS(counts); i++)
        sqlite3_bind_int64(statement, 4 + (int)i, counts[i]);
    gboolean done = sqlite3_step(statement) == SQLITE_DONE || database_fail(history, error);
    sqlite3_finalize(statement);
    return done;
}

static guint count_at(sqlite3_stmt *statement, int column) {
    return (guint)CLAMP(sqlite3_column_int64(statement, column), 0, G_MAXUINT);
}

static HistoryRate *read_row(sqlite3_stmt *statement) {
    HistoryRate *rate = g_new0(HistoryRate, 1);
    *rate = (HistoryRate){.time = database_name(statement, 0),
                          .cases = database_name(statement, 1),
                          .label = database_text(statement, 2),
                          .lines = count_at(statement, 3),
                          .functions = count_at(statement, 5)};
    rate->lines_hit = MIN(count_at(statement, 4), rate->lines);
    rate->functions_hit = MIN(count_at(statement, 6), rate->functions);
    return rate;
}

static const char rates_sql[] =
    "SELECT time, cases, label, lines, lines_hit, functions, functions_hit FROM"
    " (SELECT * FROM coverage ORDER BY id DESC LIMIT " RATES_MAX ") ORDER BY id";

GPtrArray *history_rates(History *history, GError **error) {
    sqlite3_stmt *statement = database_prepare(history, rates_sql, error);
    if (!statement) return NULL;
    GPtrArray *rates = g_ptr_array_new_with_free_func(history_rate_free);
    int code;
    while ((code = sqlite3_step(statement)) == SQLITE_ROW)
        g_ptr_array_add(rates, read_row(statement));
    if (code != SQLITE_DONE) {
        database_fail(history, error);
        g_clear_pointer(&rates, g_ptr_array_unref);
    }
    sqlite3_finalize(statement);
    return rates;
}
