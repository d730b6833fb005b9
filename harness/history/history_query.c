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

/* ---- Series out of rows ---- */

/* A series under way: what it is of, and how many values its last point is the mean of. */
typedef struct {
    gint64 item, program; /* 0: the whole run of the case */
    guint count;
    double sum; /* exact for counts, so that their order within a run does not matter */
    HistorySeries *series;
} Pending;

static guint pending_hash(gconstpointer data) {
    const Pending *pending = data;
    return g_int64_hash(&pending->item) * 31 + g_int64_hash(&pending->program);
}

static gboolean pending_equal(gconstpointer a, gconstpointer b) {
    const Pending *one = a, *other = b;
    return one->item == other->item && one->program == other->program;
}

static gint compare_series(gconstpointer a, gconstpointer b) {
    const Pending *one = *(const Pending *const *)a, *other = *(const Pending *const *)b;
    gint order = strcmp(one->series->case_id, other->series->case_id);
    if (order == 0) order = (one->item > other->item) - (one->item < other->item);
    return order ? order : (one->program > other->program) - (one->program < other->program);
}

/* The name of a case, or "PATH: ARGV" of a program; "" if the file is damaged. */
static char *find_name(const History *history, const char *query, gint64 id, GError **error) {
    sqlite3_stmt *statement = database_prepare(history, query, error);
    if (!statement) return NULL;
    sqlite3_bind_int64(statement, 1, id);
    int code = sqlite3_step(statement);
    char *name = code == SQLITE_ROW    ? database_name(statement, 0)
                 : code == SQLITE_DONE ? g_strdup("")
                                       : NULL;
    if (!name) database_fail(history, error);
    sqlite3_finalize(statement);
    return name;
}

static void add_value(Pending *pending, gint64 run, double value, double unit) {
    GArray *points = pending->series->points;
    if (points->len == 0 || g_array_index(points, HistoryPoint, points->len - 1).run != run) {
        HistoryPoint point = {.run = run};
        g_array_append_val(points, point);
        pending->count = 0;
        pending->sum = 0;
    }
    pending->sum += value;
    pending->series->spawns = ++pending->count;
    g_array_index(points, HistoryPoint, points->len - 1).value =
        pending->sum / pending->count / unit;
}

static Pending *find_pending(GHashTable *all, gint64 item, gint64 program) {
    Pending wanted = {.item = item, .program = program};
    Pending *pending = g_hash_table_lookup(all, &wanted);
    if (pending) return pending;
    pending = g_memdup2(&wanted, sizeof wanted);
    pending->series = g_new0(HistorySeries, 1);
    pending->series->points = g_array_new(FALSE, FALSE, sizeof(HistoryPoint));
    g_hash_table_add(all, pending);
    return pending;
}

/* Adds the rows of a query, item, program, run and value, to the series of `all`; rows of a series
 * are in the order of runs. SQLite would have to sort what has been stored in order. Ends the
 * statement. */
static gboolean collect_rows(const History *history, sqlite3_stmt *statement, gboolean icount,
                             GHashTable *all, GError **error) {
    Pending *pending = NULL;
    int code;
    while ((code = sqlite3_step(statement)) == SQLITE_ROW) {
        gint64 item = sqlite3_column_int64(statement, 0);
        gint64 program = sqlite3_column_int64(statement, 1);
        if (!pending || pending->item != item || pending->program != program)
            pending = find_pending(all, item, program);
        add_value(pending, sqlite3_column_int64(statement, 2) - history->base,
                  sqlite3_column_double(statement, 3), icount ? 1 : 1e6);
    }
    gboolean done = code == SQLITE_DONE || database_fail(history, error);
    sqlite3_finalize(statement);
    return done;
}

/* After an error: frees the series, which finish_series would have given over. */
static void free_pending(GHashTable *all) {
    GHashTableIter iter;
    gpointer pending;
    g_hash_table_iter_init(&iter, all);
    while (g_hash_table_iter_next(&iter, &pending, NULL))
        series_free(((Pending *)pending)->series);
}

/* Names the series of `all`, and gives them over in order; NULL and *error. */
static GPtrArray *finish_series(const History *history, GHashTable *all, GError **error) {
    GPtrArray *series = g_ptr_array_new_with_free_func(series_free);
    g_autoptr(GPtrArray) order = g_ptr_array_new();
    GHashTableIter iter;
    gpointer key;
    gboolean named = TRUE;
    g_hash_table_iter_init(&iter, all);
    while (g_hash_table_iter_next(&iter, &key, NULL)) {
        g_ptr_array_add(order, key);
        g_ptr_array_add(series, ((Pending *)key)->series);
    }
    for (guint i = 0; named && i < order->len; i++) {
        const Pending *pending = order->pdata[i];
        pending->series->case_id =
            find_name(history, "SELECT name FROM item WHERE id = ?1", pending->item, error);
        named = pending->series->case_id != NULL;
        if (named)
            pending->series->program =
                pending->program
                    ? find_name(history, "SELECT path || ': ' || argv FROM program WHERE id = ?1",
                                pending->program, error)
                    : g_strdup("");
        named = named && pending->series->program;
    }
    if (!named) {
        g_ptr_array_unref(series);
        return NULL;
    }
    g_ptr_array_sort(order, compare_series);
    for (guint i = 0; i < order->len; i++)
        series->pdata[i] = ((Pending *)order->pdata[i])->series;
    return series;
}

/* Costs are by the guest's clock: the host's time is when the lines were read. */
#define CHOSEN " FROM attempt JOIN item ON item.id = attempt.item JOIN run ON run.id = attempt.run"

static const char wholes_sql[] =
    "SELECT attempt.item, 0, run.id, attempt.duration_ns" CHOSEN
    " WHERE item.name GLOB ?1 AND run.icount = ?2 AND run.id BETWEEN ?3 AND ?4"
    " AND attempt.verdict = 'pass' AND ?2 = 0 ORDER BY run.id";
static const char series_sql[] =
    "SELECT attempt.item, spawn.program, run.id,"
    " CASE WHEN guest_ns < 0 THEN host_ns ELSE guest_ns END" CHOSEN
    " JOIN spawn ON spawn.attempt = attempt.id"
    " WHERE item.name GLOB ?1 AND run.icount = ?2 AND run.id BETWEEN ?3 AND ?4"
    " AND attempt.verdict = 'pass' AND (guest_ns >= 0 OR host_ns >= 0) ORDER BY run.id";

static gboolean add_series(History *history, const char *sql, const char *glob, gboolean icount,
                           HistoryRange range, GHashTable *all, GError **error) {
    sqlite3_stmt *statement = database_prepare(history, sql, error);
    if (!statement) return FALSE;
    database_bind_text(statement, 1, glob);
    sqlite3_bind_int(statement, 2, icount);
    database_bind_range(history, statement, 3, range);
    return collect_rows(history, statement, icount, all, error);
}

GPtrArray *history_series(History *history, const char *glob, gboolean icount, HistoryRange range,
                          GError **error) {
    g_autoptr(GHashTable) all = g_hash_table_new_full(pending_hash, pending_equal, g_free, NULL);
    if (add_series(history, wholes_sql, glob, icount, range, all, error) &&
        add_series(history, series_sql, glob, icount, range, all, error))
        return finish_series(history, all, error);
    free_pending(all);
    return NULL;
}

/* The newest passes of each case, however many runs of others came between. Init is the first
 * spawn. */
static const char totals_sql[] =
    "WITH pass AS (SELECT attempt.id AS id, item, run, duration_ns,"
    "  row_number() OVER (PARTITION BY item ORDER BY attempt.id DESC) AS age"
    "  FROM attempt JOIN run ON run.id = attempt.run WHERE icount = ?1 AND verdict = 'pass'"
    "  AND run BETWEEN ?3 AND ?4)"
    " SELECT item.id, 0, run, CASE ?1 WHEN 0 THEN duration_ns ELSE spawn.guest_ns END"
    " FROM pass JOIN item ON item.id = pass.item"
    " LEFT JOIN spawn ON spawn.attempt = pass.id AND spawn.n = 0"
    " WHERE age <= ?2 ORDER BY item.id, run";

GPtrArray *history_totals(History *history, gboolean icount, guint runs, GError **error) {
    sqlite3_stmt *statement = database_prepare(history, totals_sql, error);
    if (!statement) return NULL;
    g_autoptr(GHashTable) all = g_hash_table_new_full(pending_hash, pending_equal, g_free, NULL);
    sqlite3_bind_int(statement, 1, icount);
    sqlite3_bind_int64(statement, 2, runs);
    database_bind_range(history, statement, 3, everything);
    if (collect_rows(history, statement, icount, all, error))
        return finish_series(history, all, error);
    free_pending(all);
    return NULL;
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
    "  JOIN program ON program.id = spawn.program"
    "  WHERE attempt.run = run.id AND program.path <> '" HISTORY_SUBTEST "'),"
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
