#include "base/error.h"
#include "history/database.h"
#include <string.h>

typedef struct {
    const History *history;
    sqlite3_stmt *run, *item, *program, *attempt, *spawn;
} Adder;

static const char run_sql[] =
    "INSERT INTO run (id, time, icount, qemu, kernel_sha256)"
    " VALUES ((SELECT coalesce(max(id), 0) + 1 FROM run WHERE id < ?5), ?1, ?2, ?3, ?4)"
    " RETURNING id";
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

/* Runs an insert whose values are bound; the id that it returns, or -1 and *error. */
static gint64 insert(const Adder *adder, sqlite3_stmt *statement, GError **error) {
    gint64 id = -1;
    if (sqlite3_step(statement) == SQLITE_ROW) {
        id = sqlite3_column_int64(statement, 0);
        /* The row is written when the statement ends. */
        if (sqlite3_step(statement) != SQLITE_DONE) id = -1;
    }
    if (id < 0) database_fail(adder->history, error);
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
            database_bind_text(adder->program, 1, spawn->path);
            database_bind_text(adder->program, 2, command);
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

static gboolean add_subtest(const Adder *adder, const RecordAttempt *attempt, const Result *subtest,
                            gint64 attempt_id, gint64 n, GError **error) {
    /* With icount values are instructions, which no line of a console tells. */
    gboolean is_timed = !attempt->record_case->record->icount;
    database_bind_text(adder->program, 1, HISTORY_SUBTEST);
    database_bind_text(adder->program, 2, subtest->name);
    gint64 program_id = insert(adder, adder->program, error);
    if (program_id < 0) return FALSE;
    sqlite3_bind_int64(adder->spawn, 1, attempt_id);
    sqlite3_bind_int64(adder->spawn, 2, n);
    sqlite3_bind_int64(adder->spawn, 3, program_id);
    sqlite3_bind_int64(adder->spawn, 4, is_timed ? subtest->host_ns : -1);
    sqlite3_bind_int64(adder->spawn, 5, -1);
    sqlite3_bind_int64(adder->spawn, 6, (gint64)subtest->kind);
    return insert(adder, adder->spawn, error) >= 0;
}

/* Also those that no filter asked for. */
static gboolean add_subtests(const Adder *adder, const RecordAttempt *attempt, gint64 attempt_id,
                             GError **error) {
    const GPtrArray *both[] = {attempt->subtests, attempt->other_subtests};
    gint64 n = attempt->spawns->len;
    for (guint which = 0; which < G_N_ELEMENTS(both); which++)
        for (guint i = 0; i < both[which]->len; i++)
            if (!add_subtest(adder, attempt, both[which]->pdata[i], attempt_id, n++, error))
                return FALSE;
    return TRUE;
}

/* What was not run has no times, and a recording has times of its own kind. */
static gboolean is_measured(const RecordAttempt *attempt) {
    return attempt->ran && !record_is_cached(attempt) && !record_is_warm(attempt) &&
           !record_is_recording(attempt);
}

/* Runs an insert of a number and a text. */
static gboolean add_pair(const History *history, const char *sql, gint64 id, const char *text,
                         GError **error) {
    sqlite3_stmt *statement = database_prepare(history, sql, error);
    if (!statement) return FALSE;
    sqlite3_bind_int64(statement, 1, id);
    database_bind_text(statement, 2, text);
    gboolean added = sqlite3_step(statement) == SQLITE_DONE || database_fail(history, error);
    sqlite3_finalize(statement);
    return added;
}

static const char label_sql[] = "INSERT INTO label (run, name) VALUES (?, ?)";
static const char flake_sql[] = "INSERT INTO flake (attempt, why) VALUES (?, ?)";

/* An attempt that did not pass, though one with the same cache key did. */
static gboolean add_flake(const History *history, const RecordAttempt *attempt, gint64 attempt_id,
                          GError **error) {
    for (guint i = 0; i < attempt->notes->len; i++) {
        const RecordNote *note = attempt->notes->pdata[i];
        if (note->kind == NOTE_FLAKY)
            return add_pair(history, flake_sql, attempt_id, note->text ? note->text : "", error);
    }
    return TRUE;
}

static gboolean add_attempt(const Adder *adder, gint64 run_id, const RecordAttempt *attempt,
                            GError **error) {
    database_bind_text(adder->item, 1, attempt->record_case->id);
    gint64 item_id = insert(adder, adder->item, error);
    if (item_id < 0) return FALSE;
    sqlite3_bind_int64(adder->attempt, 1, run_id);
    sqlite3_bind_int64(adder->attempt, 2, item_id);
    database_bind_text(adder->attempt, 3, verdict_name(attempt->verdict));
    sqlite3_bind_int64(adder->attempt, 4, attempt->duration_ns);
    gint64 attempt_id = insert(adder, adder->attempt, error);
    return attempt_id >= 0 && add_flake(adder->history, attempt, attempt_id, error) &&
           add_spawns(adder, attempt, attempt_id, error) &&
           add_subtests(adder, attempt, attempt_id, error);
}

static gboolean add_run(const Adder *adder, const Record *record, const char *label,
                        GError **error) {
    database_bind_text(adder->run, 1, record->time);
    sqlite3_bind_int(adder->run, 2, record->icount);
    database_bind_text(adder->run, 3, record->qemu_version);
    database_bind_text(adder->run, 4, record->kernel_sha256);
    sqlite3_bind_int64(adder->run, 5, MACHINE_SPAN);
    gint64 run_id = insert(adder, adder->run, error);
    if (run_id >= 0 && label && !add_pair(adder->history, label_sql, run_id, label, error))
        return FALSE;
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
    gboolean added = (adder.run = database_prepare(history, run_sql, error)) &&
                     (adder.item = database_prepare(history, item_sql, error)) &&
                     (adder.program = database_prepare(history, program_sql, error)) &&
                     (adder.attempt = database_prepare(history, attempt_sql, error)) &&
                     (adder.spawn = database_prepare(history, spawn_sql, error)) &&
                     database_execute(history, "BEGIN IMMEDIATE", error);
    if (added) {
        added = history_name_machine(history, error) && add_run(&adder, record, label, error);
        added = database_end(history, added, error);
    }
    sqlite3_finalize(adder.run);
    sqlite3_finalize(adder.item);
    sqlite3_finalize(adder.program);
    sqlite3_finalize(adder.attempt);
    sqlite3_finalize(adder.spawn);
    return added;
}
