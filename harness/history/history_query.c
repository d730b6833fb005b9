#include "base/stats.h"
#include "history/database.h"
#include <string.h>

static const HistoryRange everything = {1, G_MAXINT64};

/* Number of passes from which a time is expected. */
#define EXPECTED_FROM 5
/* Upper bound of a duration, 30 years: nanoseconds. */
#define DURATION_MAX 1e18

static void series_free(gpointer data) {
    HistorySeries *series = data;
    g_free(series->case_id);
    g_free(series->program);
    g_array_unref(series->points);
    g_free(series);
}

/* Costs are by the guest's clock: the host's time is when the lines were read. The whole run of a
 * case comes first, then each program in the order of its first spawn. */
static const char series_sql[] =
    "WITH chosen AS (SELECT attempt.id AS id, item.name AS name, item.id AS item, run.id AS run,"
    "  attempt.duration_ns AS duration_ns FROM attempt JOIN item ON item.id = attempt.item"
    "  JOIN run ON run.id = attempt.run"
    "  WHERE item.name GLOB ?1 AND run.icount = ?2 AND run.id BETWEEN ?3 AND ?4"
    "  AND attempt.verdict = 'pass')"
    " SELECT name, '', '', run, avg(duration_ns), 1, item, 0 FROM chosen"
    "  WHERE ?2 = 0 GROUP BY item, run"
    " UNION ALL"
    " SELECT name, path, argv, run, avg(CASE WHEN guest_ns < 0 THEN host_ns ELSE guest_ns END), "
    "count(*),"
    "  item, program.id FROM chosen JOIN spawn ON spawn.attempt = chosen.id"
    "  JOIN program ON program.id = spawn.program GROUP BY item, program.id, run"
    " ORDER BY 1, 8, 4";

/* The rows of a query as series: case, path, argv, run, value, spawns, item, program. Ends the
 * statement. */
static GPtrArray *collect_series(const History *history, sqlite3_stmt *statement, gboolean icount,
                                 GError **error) {
    GPtrArray *all = g_ptr_array_new_with_free_func(series_free);
    HistorySeries *series = NULL;
    gint64 item = -1, program = -1;
    int code;
    while ((code = sqlite3_step(statement)) == SQLITE_ROW) {
        if (!series || item != sqlite3_column_int64(statement, 6) ||
            program != sqlite3_column_int64(statement, 7)) {
            item = sqlite3_column_int64(statement, 6);
            program = sqlite3_column_int64(statement, 7);
            series = g_new0(HistorySeries, 1);
            g_autofree char *path = database_name(statement, 1);
            g_autofree char *argv = database_name(statement, 2);
            series->case_id = database_name(statement, 0);
            series->program = program ? g_strdup_printf("%s: %s", path, argv) : g_strdup("");
            series->points = g_array_new(FALSE, FALSE, sizeof(HistoryPoint));
            g_ptr_array_add(all, series);
        }
        HistoryPoint point = {sqlite3_column_int64(statement, 3) - history->base,
                              sqlite3_column_double(statement, 4) / (icount ? 1 : 1e6)};
        g_array_append_val(series->points, point);
        series->spawns = (guint)sqlite3_column_int64(statement, 5);
    }
    if (code != SQLITE_DONE) {
        database_fail(history, error);
        g_clear_pointer(&all, g_ptr_array_unref);
    }
    sqlite3_finalize(statement);
    return all;
}

GPtrArray *history_series(History *history, const char *glob, gboolean icount, HistoryRange range,
                          GError **error) {
    sqlite3_stmt *statement = database_prepare(history, series_sql, error);
    if (!statement) return NULL;
    database_bind_text(statement, 1, glob);
    sqlite3_bind_int(statement, 2, icount);
    database_bind_range(history, statement, 3, range);
    return collect_series(history, statement, icount, error);
}

/* The newest passes of each case, however many runs of others came between. Init is the first
 * spawn. */
static const char totals_sql[] =
    "WITH pass AS (SELECT attempt.id AS id, item, run, duration_ns,"
    "  row_number() OVER (PARTITION BY item ORDER BY attempt.id DESC) AS age"
    "  FROM attempt JOIN run ON run.id = attempt.run WHERE icount = ?1 AND verdict = 'pass' AND "
    "run BETWEEN ?3 AND ?4)"
    " SELECT item.name, '', '', run,"
    "  avg(CASE ?1 WHEN 0 THEN duration_ns ELSE spawn.guest_ns END), 1, item.id, 0"
    " FROM pass JOIN item ON item.id = pass.item"
    " LEFT JOIN spawn ON spawn.attempt = pass.id AND spawn.n = 0"
    " WHERE age <= ?2 GROUP BY item.id, run ORDER BY item.id, run";

GPtrArray *history_totals(History *history, gboolean icount, guint runs, GError **error) {
    sqlite3_stmt *statement = database_prepare(history, totals_sql, error);
    if (!statement) return NULL;
    sqlite3_bind_int(statement, 1, icount);
    sqlite3_bind_int64(statement, 2, runs);
    database_bind_range(history, statement, 3, everything);
    return collect_series(history, statement, icount, error);
}

static void attempt_free(gpointer data) {
    HistoryRun *run = data;
    g_free(run->time);
    g_free(run->qemu);
    g_free(run->kernel_sha256);
    g_free(run->label);
    g_free(run);
}

static const char runs_sql[] =
    "SELECT * FROM (SELECT run.id, run.time, run.qemu, run.kernel_sha256, run.icount,"
    " (SELECT count(*) FROM attempt WHERE attempt.run = run.id AND verdict = 'pass'),"
    " (SELECT count(*) FROM attempt WHERE attempt.run = run.id),"
    " (SELECT count(*) FROM spawn JOIN attempt ON attempt.id = spawn.attempt"
    "  WHERE attempt.run = run.id),"
    " (SELECT name FROM label WHERE label.run = run.id)"
    " FROM run WHERE run.id BETWEEN ?2 AND ?3 ORDER BY run.id DESC LIMIT ?1) ORDER BY 1";

GPtrArray *history_runs(History *history, guint count, GError **error) {
    sqlite3_stmt *statement = database_prepare(history, runs_sql, error);
    if (!statement) return NULL;
    sqlite3_bind_int64(statement, 1, count);
    database_bind_range(history, statement, 2, everything);
    GPtrArray *runs = g_ptr_array_new_with_free_func(attempt_free);
    int code;
    while ((code = sqlite3_step(statement)) == SQLITE_ROW) {
        HistoryRun *run = g_new0(HistoryRun, 1);
        run->run = sqlite3_column_int64(statement, 0) - history->base;
        run->time = database_name(statement, 1);
        run->qemu = database_text(statement, 2);
        run->kernel_sha256 = database_text(statement, 3);
        run->icount = sqlite3_column_int(statement, 4) != 0;
        run->passed = (guint)sqlite3_column_int(statement, 5);
        run->attempts = (guint)sqlite3_column_int(statement, 6);
        run->spawns = (guint)sqlite3_column_int(statement, 7);
        run->label = database_text(statement, 8);
        g_ptr_array_add(runs, run);
    }
    if (code != SQLITE_DONE) {
        database_fail(history, error);
        g_clear_pointer(&runs, g_ptr_array_unref);
    }
    sqlite3_finalize(statement);
    return runs;
}

static const char expected_sql[] =
    "SELECT duration_ns FROM attempt JOIN item ON item.id = attempt.item"
    " JOIN run ON run.id = attempt.run WHERE item.name = ?1 AND icount = ?2 AND verdict = 'pass'"
    " AND attempt.run BETWEEN ?4 AND ?5"
    " ORDER BY attempt.id DESC LIMIT ?3";

gint64 history_expected_ns(History *history, const char *case_id, gboolean icount) {
    double durations[EXPECTED_FROM];
    guint count = 0;
    sqlite3_stmt *statement = database_prepare(history, expected_sql, NULL);
    if (!statement) return -1;
    database_bind_text(statement, 1, case_id);
    sqlite3_bind_int(statement, 2, icount);
    sqlite3_bind_int(statement, 3, EXPECTED_FROM);
    database_bind_range(history, statement, 4, everything);
    while (count < EXPECTED_FROM && sqlite3_step(statement) == SQLITE_ROW)
        durations[count++] = CLAMP(sqlite3_column_double(statement, 0), 0, DURATION_MAX);
    sqlite3_finalize(statement);
    return count ? (gint64)stats_median(durations, count) : -1;
}
