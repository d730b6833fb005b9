#include "history/history.h"
#include "base/error.h"
#include "history/database.h"
#include <string.h>

/* The version of the database. */
#define SCHEMA_VERSION 1
/* With runs of other machines, which a harness that does not know them would mix with its own. */
#define SCHEMA_MACHINES 2
/* How long to wait for another harness, which holds the database for one insert: milliseconds. */
#define BUSY_MS 5000

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

/* Came later, and a harness that does not know them reads the rest all the same. A flake is an
 * attempt that did not pass though one with the same cache key did. Machine 1 is this one. What is
 * covered does not depend on the machine. */
static const char later_schema[] =
    "CREATE TABLE IF NOT EXISTS label (run INTEGER PRIMARY KEY REFERENCES run, name TEXT NOT NULL);"
    "CREATE TABLE IF NOT EXISTS flake (attempt INTEGER PRIMARY KEY REFERENCES attempt,"
    " why TEXT NOT NULL);"
    "CREATE TABLE IF NOT EXISTS machine (id INTEGER PRIMARY KEY, uuid TEXT NOT NULL UNIQUE,"
    " name TEXT NOT NULL);"
    "CREATE TABLE IF NOT EXISTS coverage (id INTEGER PRIMARY KEY, time TEXT NOT NULL,"
    " cases TEXT NOT NULL, label TEXT, lines INTEGER NOT NULL, lines_hit INTEGER NOT NULL,"
    " functions INTEGER NOT NULL, functions_hit INTEGER NOT NULL)";

/* Creates the tables of a new database; another harness may do so at the same time. */
static gboolean make_tables(const History *history, GError **error) {
    gint64 version = database_number(history, "PRAGMA user_version", G_MININT64);
    if (version == G_MININT64) return database_fail(history, error);
    if (version == 0) {
        if (!database_execute(history, "BEGIN IMMEDIATE", error)) return FALSE;
        gboolean made = database_number(history, "PRAGMA user_version", -1) >= SCHEMA_VERSION ||
                        database_execute(history, schema, error);
        return database_execute(history, made ? "COMMIT" : "ROLLBACK", made ? error : NULL) && made;
    }
    if (version == SCHEMA_VERSION || version == SCHEMA_MACHINES) return TRUE;
    g_set_error(error, HARNESS_ERROR, HARNESS_ERROR_IO,
                "the history %s has version %" G_GINT64_FORMAT
                "; this harness supports up to version %d: name another with --history",
                history->path, version, SCHEMA_MACHINES);
    return FALSE;
}

gboolean history_adopt(History *history, GError **error) {
    return make_tables(history, error) && database_execute(history, later_schema, error);
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
        database_fail(history, error);
        return NULL;
    }
    sqlite3_busy_timeout(history->db, BUSY_MS);
    /* Not synced: a harness that is killed breaks nothing, and only the host's own end could cost
     * the last runs. A sync would cost each run 10 ms and more. */
    if (!database_check_schema(history, error) ||
        !database_execute(history, "PRAGMA synchronous = OFF", error) ||
        !history_adopt(history, error))
        return NULL;
    return g_steal_pointer(&history);
}

void history_free(History *history) {
    sqlite3_close(history->db);
    g_free(history->path);
    g_free(history);
}

/* ---- Runs ---- */

gint64 history_newest(History *history) {
    g_autofree char *sql = g_strdup_printf(
        "SELECT max(id) FROM run WHERE id BETWEEN %" G_GINT64_FORMAT " AND %" G_GINT64_FORMAT,
        history->base + 1, history->base + MACHINE_SPAN - 1);
    return MAX(database_number(history, sql, 0) - history->base, 0);
}

gint64 history_newest_of(History *history, gboolean icount) {
    g_autofree char *sql =
        g_strdup_printf("SELECT max(id) FROM run WHERE icount = %d AND id BETWEEN %" G_GINT64_FORMAT
                        " AND %" G_GINT64_FORMAT,
                        icount, history->base + 1, history->base + MACHINE_SPAN - 1);
    return MAX(database_number(history, sql, 0) - history->base, 0);
}

gboolean history_is_label(const char *label) {
    if (!g_ascii_isalpha(*label) || g_str_equal(label, "last")) return FALSE;
    for (; *label; label++)
        if (!g_ascii_isalnum(*label) && !strchr("-_./+", *label)) return FALSE;
    return TRUE;
}

gboolean history_labelled(History *history, const char *label, HistoryRange *ret_range,
                          guint *ret_others, GError **error) {
    sqlite3_stmt *statement = database_prepare(
        history,
        "SELECT min(run), max(run), count(*) FROM label WHERE name = ?1 AND run BETWEEN ?2 AND ?3",
        error);
    if (!statement) return FALSE;
    database_bind_text(statement, 1, label);
    database_bind_range(history, statement, 2, (HistoryRange){1, G_MAXINT64});
    gint64 count = sqlite3_step(statement) == SQLITE_ROW ? sqlite3_column_int64(statement, 2) : 0;
    if (count > 0)
        *ret_range = (HistoryRange){sqlite3_column_int64(statement, 0) - history->base,
                                    sqlite3_column_int64(statement, 1) - history->base};
    sqlite3_finalize(statement);
    if (count == 0) {
        g_set_error(error, HARNESS_ERROR, HARNESS_ERROR_USAGE, "no run has the label %s", label);
        return FALSE;
    }
    g_autofree char *sql = g_strdup_printf(
        "SELECT count(*) FROM run WHERE id BETWEEN %" G_GINT64_FORMAT " AND %" G_GINT64_FORMAT,
        history->base + ret_range->first, history->base + ret_range->last);
    *ret_others = (guint)(database_number(history, sql, count) - count);
    return TRUE;
}

/* ---- Removal ---- */

static const char prune_sql[] =
    "BEGIN IMMEDIATE;"
    "DELETE FROM spawn WHERE attempt IN (SELECT id FROM attempt WHERE run BETWEEN "
    "%2$" G_GINT64_FORMAT " AND %1$" G_GINT64_FORMAT ");"
    "DELETE FROM flake WHERE attempt IN (SELECT id FROM attempt WHERE run BETWEEN "
    "%2$" G_GINT64_FORMAT " AND %1$" G_GINT64_FORMAT ");"
    "DELETE FROM attempt WHERE run BETWEEN %2$" G_GINT64_FORMAT " AND %1$" G_GINT64_FORMAT ";"
    "DELETE FROM label WHERE run BETWEEN %2$" G_GINT64_FORMAT " AND %1$" G_GINT64_FORMAT ";"
    "DELETE FROM run WHERE id BETWEEN %2$" G_GINT64_FORMAT " AND %1$" G_GINT64_FORMAT ";"
    "DELETE FROM program WHERE id NOT IN (SELECT program FROM spawn);"
    "DELETE FROM item WHERE id NOT IN (SELECT item FROM attempt);"
    "COMMIT";

/* The number of the chosen machine's runs. */
static gint64 count_runs(const History *history) {
    g_autofree char *sql = g_strdup_printf(
        "SELECT count(*) FROM run WHERE id BETWEEN %" G_GINT64_FORMAT " AND %" G_GINT64_FORMAT,
        history->base + 1, history->base + MACHINE_SPAN - 1);
    return database_number(history, sql, 0);
}

gboolean history_prune(History *history, guint keep, guint *ret_removed, GError **error) {
    g_autofree char *newest_gone =
        g_strdup_printf("SELECT id FROM run WHERE id BETWEEN %" G_GINT64_FORMAT
                        " AND %" G_GINT64_FORMAT " ORDER BY id DESC LIMIT 1 OFFSET %u",
                        history->base + 1, history->base + MACHINE_SPAN - 1, keep);
    gint64 before = count_runs(history);
    gint64 last = database_number(history, newest_gone, 0);
    *ret_removed = 0;
    if (last == 0) return TRUE;
    g_autofree char *sql = g_strdup_printf(prune_sql, last, history->base + 1);
    if (!database_execute(history, sql, error)) {
        database_execute(history, "ROLLBACK", NULL);
        return FALSE;
    }
    *ret_removed = (guint)(before - count_runs(history));
    /* Returns the space to the file system. */
    return database_execute(history, "VACUUM", error);
}
