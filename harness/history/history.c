#include "history/history.h"
#include "base/error.h"
#include "base/json_out.h"
#include "base/stats.h"
#include "base/text.h"
#include <sqlite3.h>
#include <string.h>

/* The version of the database. */
#define SCHEMA_VERSION 1
/* How long to wait for another harness, which holds the database for one insert: milliseconds. */
#define BUSY_MS 5000
/* Number of passes from which a time is expected. */
#define EXPECTED_FROM 5
/* Upper bound of a duration, 30 years: nanoseconds. */
#define DURATION_MAX 1e18

/* Names are stored once. guest_ns is -1 if unknown; with run.icount it counts
 * instructions (QEMU, -icount shift=0). */
static const char schema[] =
    "PRAGMA user_version = 1;"
    "CREATE TABLE run (id INTEGER PRIMARY KEY, time TEXT NOT NULL, icount INTEGER NOT NULL,"
    " qemu TEXT, kernel_sha256 TEXT);"
    "CREATE TABLE item (id INTEGER PRIMARY KEY, name TEXT NOT NULL UNIQUE);"
    "CREATE TABLE program (id INTEGER PRIMARY KEY, path TEXT NOT NULL, argv TEXT NOT NULL,"
    " UNIQUE (path, argv));"
    "CREATE TABLE attempt (id INTEGER PRIMARY KEY, run INTEGER NOT NULL REFERENCES run,"
    " item INTEGER NOT NULL REFERENCES item, verdict TEXT NOT NULL, duration_ns INTEGER NOT NULL);"
    "CREATE INDEX attempt_item ON attempt (item, run);"
    "CREATE INDEX attempt_run ON attempt (run);"
    "CREATE TABLE spawn (attempt INTEGER NOT NULL REFERENCES attempt, n INTEGER NOT NULL,"
    " program INTEGER NOT NULL REFERENCES program, host_ns INTEGER NOT NULL,"
    " guest_ns INTEGER NOT NULL, status INTEGER NOT NULL,"
    " PRIMARY KEY (attempt, n)) WITHOUT ROWID;";

/* Came later, and a harness that does not know it reads the rest all the same. */
static const char labels_schema[] = "CREATE TABLE IF NOT EXISTS label (run INTEGER PRIMARY KEY"
                                    " REFERENCES run, name TEXT NOT NULL)";

struct _History {
    sqlite3 *db;
    char *path;
};

#define MOVE_AWAY "; move it away to start a new one"

/* What SQLite says may have names of the file in it. Where it has found nothing wrong, we have. */
static gboolean fail(const History *history, GError **error) {
    int code = sqlite3_errcode(history->db);
    gboolean ours = code == SQLITE_OK || code == SQLITE_ROW || code == SQLITE_DONE;
    g_autofree char *said = text_line(ours ? "it is damaged" : sqlite3_errmsg(history->db));
    g_set_error(error, HARNESS_ERROR, HARNESS_ERROR_IO, "the history %s: %s%s", history->path, said,
                ours || code == SQLITE_NOTADB || code == SQLITE_CORRUPT ? MOVE_AWAY : "");
    return FALSE;
}

static gboolean execute(const History *history, const char *sql, GError **error) {
    return sqlite3_exec(history->db, sql, NULL, NULL, NULL) == SQLITE_OK || fail(history, error);
}

static sqlite3_stmt *prepare(const History *history, const char *sql, GError **error) {
    sqlite3_stmt *statement = NULL;
    if (sqlite3_prepare_v2(history->db, sql, -1, &statement, NULL) != SQLITE_OK)
        fail(history, error);
    return statement;
}

/* The number that a query returns, or `otherwise`. */
static gint64 query_number(const History *history, const char *sql, gint64 otherwise) {
    sqlite3_stmt *statement = prepare(history, sql, NULL);
    gint64 number = statement && sqlite3_step(statement) == SQLITE_ROW
                        ? sqlite3_column_int64(statement, 0)
                        : otherwise;
    sqlite3_finalize(statement);
    return number;
}

/* Creates the tables of a new database; another harness may do so at the same time. */
static gboolean make_tables(const History *history, GError **error) {
    gint64 version = query_number(history, "PRAGMA user_version", G_MININT64);
    if (version == G_MININT64) return fail(history, error);
    if (version == 0) {
        if (!execute(history, "BEGIN IMMEDIATE", error)) return FALSE;
        gboolean made = query_number(history, "PRAGMA user_version", -1) == SCHEMA_VERSION ||
                        execute(history, schema, error);
        return execute(history, made ? "COMMIT" : "ROLLBACK", made ? error : NULL) && made;
    }
    if (version == SCHEMA_VERSION) return TRUE;
    g_set_error(error, HARNESS_ERROR, HARNESS_ERROR_IO,
                "the history %s has version %" G_GINT64_FORMAT
                "; this harness supports version %d: name another with --history",
                history->path, version, SCHEMA_VERSION);
    return FALSE;
}

/* A file from somebody else may cause endless work by a view or trigger, which the harness never
 * creates. SQLite, "Defense Against The Dark Arts". */
static gboolean check_schema(const History *history, GError **error) {
    sqlite3_db_config(history->db, SQLITE_DBCONFIG_TRUSTED_SCHEMA, 0, NULL);
    sqlite3_db_config(history->db, SQLITE_DBCONFIG_DEFENSIVE, 1, NULL);
    gint64 foreign = query_number(
        history, "SELECT count(*) FROM sqlite_schema WHERE type NOT IN ('table', 'index')", -1);
    if (foreign < 0) return fail(history, error);
    if (foreign == 0) return execute(history, "PRAGMA cell_size_check = ON", error);
    g_set_error(error, HARNESS_ERROR, HARNESS_ERROR_IO,
                "the history %s has views or triggers, which no harness creates" MOVE_AWAY,
                history->path);
    return FALSE;
}

char *history_path(const char *root, const char *wanted) {
    const char *named = wanted ? wanted : g_getenv("HARNESS_HISTORY");
    if (named) return *named ? g_strdup(named) : NULL;
    return root ? g_build_filename(root, HISTORY_FILE, NULL) : g_strdup(HISTORY_FILE);
}

History *history_open(const char *path, gboolean create, GError **error) {
    g_autoptr(History) history = g_new0(History, 1);
    history->path = g_strdup(path);
    if (!create && !g_file_test(path, G_FILE_TEST_EXISTS)) {
        g_set_error(error, HARNESS_ERROR, HARNESS_ERROR_IO,
                    "the history %s does not exist yet; \"harness run\" creates it", path);
        return NULL;
    }
    g_autofree char *folder = g_path_get_dirname(path);
    if (create) g_mkdir_with_parents(folder, 0777);
    int flags = SQLITE_OPEN_READWRITE | (create ? SQLITE_OPEN_CREATE : 0);
    if (sqlite3_open_v2(path, &history->db, flags, NULL) != SQLITE_OK) {
        fail(history, error);
        return NULL;
    }
    sqlite3_busy_timeout(history->db, BUSY_MS);
    /* Not synced: a harness that is killed breaks nothing, and only the host's own end could cost
     * the last runs. A sync would cost each run 10 ms and more. */
    if (!check_schema(history, error) || !execute(history, "PRAGMA synchronous = OFF", error) ||
        !make_tables(history, error) || !execute(history, labels_schema, error))
        return NULL;
    return g_steal_pointer(&history);
}

void history_free(History *history) {
    sqlite3_close(history->db);
    g_free(history->path);
    g_free(history);
}

/* ---- Adding ---- */

typedef struct {
    const History *history;
    sqlite3_stmt *run, *item, *program, *attempt, *spawn;
} Adder;

static const char run_sql[] =
    "INSERT INTO run (time, icount, qemu, kernel_sha256) VALUES (?, ?, ?, ?) RETURNING id";
/* An update without effect, so that an existing row is returned too. */
static const char item_sql[] = "INSERT INTO item (name) VALUES (?)"
                               " ON CONFLICT DO UPDATE SET name = name RETURNING id";
static const char program_sql[] = "INSERT INTO program (path, argv) VALUES (?, ?)"
                                  " ON CONFLICT DO UPDATE SET path = path RETURNING id";
static const char attempt_sql[] = "INSERT INTO attempt (run, item, verdict, duration_ns)"
                                  " VALUES (?, ?, ?, ?) RETURNING id";
static const char spawn_sql[] =
    "INSERT INTO spawn (attempt, n, program, host_ns, guest_ns, status) VALUES (?, ?, ?, ?, ?, ?)"
    " RETURNING n";

static void bind_text(sqlite3_stmt *statement, int index, const char *text) {
    sqlite3_bind_text(statement, index, text, -1, SQLITE_STATIC);
}

/* Runs an insert whose values are bound; the id that it returns, or -1 and *error. */
static gint64 insert(const Adder *adder, sqlite3_stmt *statement, GError **error) {
    gint64 id = -1;
    if (sqlite3_step(statement) == SQLITE_ROW) {
        id = sqlite3_column_int64(statement, 0);
        /* The row is written when the statement ends. */
        if (sqlite3_step(statement) != SQLITE_DONE) id = -1;
    }
    if (id < 0) fail(adder->history, error);
    sqlite3_reset(statement);
    return id;
}

static gboolean add_spawns(const Adder *adder, const RecordAttempt *attempt, gint64 attempt_id,
                           GError **error) {
    gint64 program_id = -1;
    const RecordSpawn *before = NULL;
    for (guint i = 0; i < attempt->spawns->len; i++) {
        const RecordSpawn *spawn = attempt->spawns->pdata[i];
        if (spawn->host_ns < 0) continue;
        gboolean same =
            before && strcmp(before->path, spawn->path) == 0 &&
            g_strv_equal((const char *const *)before->argv, (const char *const *)spawn->argv);
        if (!same) {
            g_autofree char *command = record_command(spawn);
            bind_text(adder->program, 1, spawn->path);
            bind_text(adder->program, 2, command);
            program_id = insert(adder, adder->program, error);
            if (program_id < 0) return FALSE;
        }
        before = spawn;
        sqlite3_bind_int64(adder->spawn, 1, attempt_id);
        sqlite3_bind_int64(adder->spawn, 2, i);
        sqlite3_bind_int64(adder->spawn, 3, program_id);
        sqlite3_bind_int64(adder->spawn, 4, spawn->host_ns);
        sqlite3_bind_int64(adder->spawn, 5, spawn->guest_ns);
        sqlite3_bind_int64(adder->spawn, 6,
                           (gint64)(spawn->signal ? 128 + spawn->signal : spawn->status));
        if (insert(adder, adder->spawn, error) < 0) return FALSE;
    }
    return TRUE;
}

static gboolean add_attempt(const Adder *adder, gint64 run_id, const RecordAttempt *attempt,
                            GError **error) {
    bind_text(adder->item, 1, attempt->record_case->id);
    gint64 item_id = insert(adder, adder->item, error);
    if (item_id < 0) return FALSE;
    sqlite3_bind_int64(adder->attempt, 1, run_id);
    sqlite3_bind_int64(adder->attempt, 2, item_id);
    bind_text(adder->attempt, 3, verdict_name(attempt->verdict));
    sqlite3_bind_int64(adder->attempt, 4, attempt->duration_ns);
    gint64 attempt_id = insert(adder, adder->attempt, error);
    return attempt_id >= 0 && add_spawns(adder, attempt, attempt_id, error);
}

/* What was not run has no times, and a recording has times of its own kind. */
static gboolean is_measured(const RecordAttempt *attempt) {
    return attempt->ran && !record_is_cached(attempt) && !record_is_warm(attempt) &&
           !record_is_recording(attempt);
}

static gboolean add_label(const History *history, gint64 run_id, const char *label,
                          GError **error) {
    sqlite3_stmt *statement =
        prepare(history, "INSERT INTO label (run, name) VALUES (?, ?)", error);
    if (!statement) return FALSE;
    sqlite3_bind_int64(statement, 1, run_id);
    bind_text(statement, 2, label);
    gboolean added = sqlite3_step(statement) == SQLITE_DONE || fail(history, error);
    sqlite3_finalize(statement);
    return added;
}

static gboolean add_run(const Adder *adder, const Record *record, const char *label,
                        GError **error) {
    bind_text(adder->run, 1, record->time);
    sqlite3_bind_int(adder->run, 2, record->icount);
    bind_text(adder->run, 3, record->qemu_version);
    bind_text(adder->run, 4, record->kernel_sha256);
    gint64 run_id = insert(adder, adder->run, error);
    if (run_id >= 0 && label && !add_label(adder->history, run_id, label, error)) return FALSE;
    for (guint i = 0; run_id >= 0 && i < record->ends->len; i++) {
        const RecordAttempt *attempt = record->ends->pdata[i];
        if (is_measured(attempt) && !add_attempt(adder, run_id, attempt, error)) return FALSE;
    }
    return run_id >= 0;
}

static gboolean has_run(const Record *record) {
    for (guint i = 0; i < record->ends->len; i++)
        if (is_measured(record->ends->pdata[i])) return TRUE;
    return FALSE;
}

gboolean history_add(History *history, const Record *record, const char *label, GError **error) {
    if (!has_run(record)) return TRUE;
    Adder adder = {.history = history};
    gboolean added = (adder.run = prepare(history, run_sql, error)) &&
                     (adder.item = prepare(history, item_sql, error)) &&
                     (adder.program = prepare(history, program_sql, error)) &&
                     (adder.attempt = prepare(history, attempt_sql, error)) &&
                     (adder.spawn = prepare(history, spawn_sql, error)) &&
                     execute(history, "BEGIN IMMEDIATE", error);
    if (added) {
        added = add_run(&adder, record, label, error);
        added = execute(history, added ? "COMMIT" : "ROLLBACK", added ? error : NULL) && added;
    }
    sqlite3_finalize(adder.run);
    sqlite3_finalize(adder.item);
    sqlite3_finalize(adder.program);
    sqlite3_finalize(adder.attempt);
    sqlite3_finalize(adder.spawn);
    return added;
}

/* ---- Removal ---- */

static const char prune_sql[] =
    "BEGIN IMMEDIATE;"
    "DELETE FROM spawn WHERE attempt IN (SELECT id FROM attempt WHERE run <= %1$" G_GINT64_FORMAT
    ");"
    "DELETE FROM attempt WHERE run <= %1$" G_GINT64_FORMAT ";"
    "DELETE FROM label WHERE run <= %1$" G_GINT64_FORMAT ";"
    "DELETE FROM run WHERE id <= %1$" G_GINT64_FORMAT ";"
    "DELETE FROM program WHERE id NOT IN (SELECT program FROM spawn);"
    "DELETE FROM item WHERE id NOT IN (SELECT item FROM attempt);"
    "COMMIT";

gboolean history_prune(History *history, guint keep, guint *ret_removed, GError **error) {
    g_autofree char *newest_gone =
        g_strdup_printf("SELECT id FROM run ORDER BY id DESC LIMIT 1 OFFSET %u", keep);
    gint64 before = query_number(history, "SELECT count(*) FROM run", 0);
    gint64 last = query_number(history, newest_gone, 0);
    *ret_removed = 0;
    if (last == 0) return TRUE;
    g_autofree char *sql = g_strdup_printf(prune_sql, last);
    if (!execute(history, sql, error)) {
        execute(history, "ROLLBACK", NULL);
        return FALSE;
    }
    *ret_removed = (guint)(before - query_number(history, "SELECT count(*) FROM run", 0));
    /* Returns the space to the file system. */
    return execute(history, "VACUUM", error);
}

/* ---- Queries ---- */

/* NULL if there is none. */
static char *column_text(sqlite3_stmt *statement, int column) {
    const char *text = (const char *)sqlite3_column_text(statement, column);
    return text ? text_from_bytes(text, strlen(text)) : NULL;
}

/* The same for a column without NULLs, unless the file is damaged. */
static char *column_name(sqlite3_stmt *statement, int column) {
    char *text = column_text(statement, column);
    return text ? text : g_strdup("");
}

gint64 history_newest(History *history) {
    return query_number(history, "SELECT max(id) FROM run", 0);
}

gboolean history_is_label(const char *label) {
    if (!g_ascii_isalpha(*label) || g_str_equal(label, "last")) return FALSE;
    for (; *label; label++)
        if (!g_ascii_isalnum(*label) && !strchr("-_./+", *label)) return FALSE;
    return TRUE;
}

gboolean history_labelled(History *history, const char *label, HistoryRange *ret_range,
                          guint *ret_others, GError **error) {
    sqlite3_stmt *statement =
        prepare(history, "SELECT min(run), max(run), count(*) FROM label WHERE name = ?1", error);
    if (!statement) return FALSE;
    bind_text(statement, 1, label);
    gint64 count = sqlite3_step(statement) == SQLITE_ROW ? sqlite3_column_int64(statement, 2) : 0;
    if (count > 0)
        *ret_range =
            (HistoryRange){sqlite3_column_int64(statement, 0), sqlite3_column_int64(statement, 1)};
    sqlite3_finalize(statement);
    if (count == 0) {
        g_set_error(error, HARNESS_ERROR, HARNESS_ERROR_USAGE, "no run has the label %s", label);
        return FALSE;
    }
    g_autofree char *sql = g_strdup_printf(
        "SELECT count(*) FROM run WHERE id BETWEEN %" G_GINT64_FORMAT " AND %" G_GINT64_FORMAT,
        ret_range->first, ret_range->last);
    *ret_others = (guint)(query_number(history, sql, count) - count);
    return TRUE;
}

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
            g_autofree char *path = column_name(statement, 1);
            g_autofree char *argv = column_name(statement, 2);
            series->case_id = column_name(statement, 0);
            series->program = program ? g_strdup_printf("%s: %s", path, argv) : g_strdup("");
            series->points = g_array_new(FALSE, FALSE, sizeof(HistoryPoint));
            g_ptr_array_add(all, series);
        }
        HistoryPoint point = {sqlite3_column_int64(statement, 3),
                              sqlite3_column_double(statement, 4) / (icount ? 1 : 1e6)};
        g_array_append_val(series->points, point);
        series->spawns = (guint)sqlite3_column_int64(statement, 5);
    }
    if (code != SQLITE_DONE) {
        fail(history, error);
        g_clear_pointer(&all, g_ptr_array_unref);
    }
    sqlite3_finalize(statement);
    return all;
}

GPtrArray *history_series(History *history, const char *glob, gboolean icount, HistoryRange range,
                          GError **error) {
    sqlite3_stmt *statement = prepare(history, series_sql, error);
    if (!statement) return NULL;
    bind_text(statement, 1, glob);
    sqlite3_bind_int(statement, 2, icount);
    sqlite3_bind_int64(statement, 3, range.first);
    sqlite3_bind_int64(statement, 4, range.last);
    return collect_series(history, statement, icount, error);
}

/* The newest passes of each case, however many runs of others came between. Init is the first
 * spawn. */
static const char totals_sql[] =
    "WITH pass AS (SELECT attempt.id AS id, item, run, duration_ns,"
    "  row_number() OVER (PARTITION BY item ORDER BY attempt.id DESC) AS age"
    "  FROM attempt JOIN run ON run.id = attempt.run WHERE icount = ?1 AND verdict = 'pass')"
    " SELECT item.name, '', '', run,"
    "  avg(CASE ?1 WHEN 0 THEN duration_ns ELSE spawn.guest_ns END), 1, item.id, 0"
    " FROM pass JOIN item ON item.id = pass.item"
    " LEFT JOIN spawn ON spawn.attempt = pass.id AND spawn.n = 0"
    " WHERE age <= ?2 GROUP BY item.id, run ORDER BY item.id, run";

GPtrArray *history_totals(History *history, gboolean icount, guint runs, GError **error) {
    sqlite3_stmt *statement = prepare(history, totals_sql, error);
    if (!statement) return NULL;
    sqlite3_bind_int(statement, 1, icount);
    sqlite3_bind_int64(statement, 2, runs);
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
    " FROM run ORDER BY run.id DESC LIMIT ?1) ORDER BY 1";

GPtrArray *history_runs(History *history, guint count, GError **error) {
    sqlite3_stmt *statement = prepare(history, runs_sql, error);
    if (!statement) return NULL;
    sqlite3_bind_int64(statement, 1, count);
    GPtrArray *runs = g_ptr_array_new_with_free_func(attempt_free);
    int code;
    while ((code = sqlite3_step(statement)) == SQLITE_ROW) {
        HistoryRun *run = g_new0(HistoryRun, 1);
        run->run = sqlite3_column_int64(statement, 0);
        run->time = column_name(statement, 1);
        run->qemu = column_text(statement, 2);
        run->kernel_sha256 = column_text(statement, 3);
        run->icount = sqlite3_column_int(statement, 4) != 0;
        run->passed = (guint)sqlite3_column_int(statement, 5);
        run->attempts = (guint)sqlite3_column_int(statement, 6);
        run->spawns = (guint)sqlite3_column_int(statement, 7);
        run->label = column_text(statement, 8);
        g_ptr_array_add(runs, run);
    }
    if (code != SQLITE_DONE) {
        fail(history, error);
        g_clear_pointer(&runs, g_ptr_array_unref);
    }
    sqlite3_finalize(statement);
    return runs;
}

static const char export_sql[] =
    "SELECT run.id, run.time, run.icount, run.qemu, run.kernel_sha256, item.name, attempt.verdict,"
    " spawn.n, program.path, program.argv, spawn.status, spawn.host_ns, spawn.guest_ns"
    " FROM run JOIN attempt ON attempt.run = run.id JOIN item ON item.id = attempt.item"
    " JOIN spawn ON spawn.attempt = attempt.id JOIN program ON program.id = spawn.program"
    " WHERE run.id BETWEEN ?1 AND ?2 ORDER BY run.id, attempt.id, spawn.n";

gboolean history_export(History *history, HistoryRange range,
                        void (*each)(gpointer data, const char *line), gpointer data,
                        GError **error) {
    static const char *const names[] = {"run",    "time",    "icount",  "qemu",    "kernel_sha256",
                                        "case",   "verdict", "n",       "program", "argv",
                                        "status", "host_ns", "guest_ns"};
    sqlite3_stmt *statement = prepare(history, export_sql, error);
    if (!statement) return FALSE;
    sqlite3_bind_int64(statement, 1, range.first);
    sqlite3_bind_int64(statement, 2, range.last);
    g_autoptr(GString) line = g_string_new(NULL);
    int code;
    while ((code = sqlite3_step(statement)) == SQLITE_ROW) {
        g_string_truncate(line, 0);
        json_out_begin(line, NULL, '{');
        for (int i = 0; i < (int)G_N_ELEMENTS(names); i++) {
            if (sqlite3_column_type(statement, i) == SQLITE_INTEGER)
                json_out_int(line, names[i], sqlite3_column_int64(statement, i));
            else {
                g_autofree char *text = column_text(statement, i);
                json_out_text(line, names[i], text);
            }
        }
        json_out_end(line, '}');
        each(data, line->str);
    }
    sqlite3_finalize(statement);
    return code == SQLITE_DONE || fail(history, error);
}

static const char expected_sql[] =
    "SELECT duration_ns FROM attempt JOIN item ON item.id = attempt.item"
    " JOIN run ON run.id = attempt.run WHERE item.name = ?1 AND icount = ?2 AND verdict = 'pass'"
    " ORDER BY attempt.id DESC LIMIT ?3";

gint64 history_expected_ns(History *history, const char *case_id, gboolean icount) {
    double durations[EXPECTED_FROM];
    guint count = 0;
    sqlite3_stmt *statement = prepare(history, expected_sql, NULL);
    if (!statement) return -1;
    bind_text(statement, 1, case_id);
    sqlite3_bind_int(statement, 2, icount);
    sqlite3_bind_int(statement, 3, EXPECTED_FROM);
    while (count < EXPECTED_FROM && sqlite3_step(statement) == SQLITE_ROW)
        durations[count++] = CLAMP(sqlite3_column_double(statement, 0), 0, DURATION_MAX);
    sqlite3_finalize(statement);
    return count ? (gint64)stats_median(durations, count) : -1;
}
