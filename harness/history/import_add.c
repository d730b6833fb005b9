#include "history/import_add.h"
#include "base/text.h"
#include "base/usage.h"
#include "history/database.h"
#include <string.h>

/* The id of a machine that is known by its name alone begins so. */
#define BY_NAME "name:"

typedef enum {
    SQL_FIND_MACHINE,
    SQL_ADD_MACHINE,
    SQL_NAME_MACHINE,
    SQL_FIND_RUN,
    SQL_RUN,
    SQL_LABEL,
    SQL_ITEM,
    SQL_ATTEMPT,
    SQL_FLAKE,
    SQL_PROGRAM,
    SQL_SPAWN,
} Sql;
#define SQL_COUNT (SQL_SPAWN + 1)

static const char *const statements[SQL_COUNT] = {
    [SQL_FIND_MACHINE] = "SELECT id FROM machine WHERE uuid = ?1",
    [SQL_ADD_MACHINE] = "INSERT INTO machine (uuid, name) VALUES (?1, ?2) RETURNING id",
    [SQL_NAME_MACHINE] = "UPDATE machine SET name = ?2 WHERE uuid = ?1 RETURNING id",
    [SQL_FIND_RUN] = "SELECT time = ?2 FROM run WHERE id = ?1",
    [SQL_RUN] = "INSERT INTO run (id, time, icount, qemu, kernel_sha256)"
                " VALUES (?1, ?2, ?3, ?4, ?5) RETURNING id",
    [SQL_LABEL] = "INSERT INTO label (run, name) VALUES (?1, ?2) RETURNING run",
    [SQL_ITEM] = "INSERT INTO item (name) VALUES (?1)"
                 " ON CONFLICT DO UPDATE SET name = name RETURNING id",
    [SQL_ATTEMPT] = "INSERT INTO attempt (run, item, verdict, duration_ns)"
                    " VALUES (?1, ?2, ?3, ?4) RETURNING id",
    [SQL_FLAKE] = "INSERT INTO flake (attempt, why) VALUES (?1, ?2) RETURNING attempt",
    [SQL_PROGRAM] = "INSERT INTO program (path, argv) VALUES (?1, ?2)"
                    " ON CONFLICT DO UPDATE SET path = path RETURNING id",
    [SQL_SPAWN] = "INSERT INTO spawn (attempt, n, program, host_ns, guest_ns, status)"
                  " VALUES (?1, ?2, ?3, ?4, ?5, ?6) RETURNING n",
};

struct _ImportAdder {
    History *history;
    sqlite3_stmt *sql[SQL_COUNT];
    const char *name;    /* or NULL */
    char *machine;       /* the id that the last row's machine has; or NULL */
    gint64 base;         /* of its runs */
    gint64 run;          /* of the last row; 0: none */
    gboolean is_known;   /* the history had that run already */
    gint64 rows, wanted; /* of that run: so far, and in all */
    gint64 attempt, attempt_id, n;
    ImportCounts counts;
};

ImportAdder *import_adder_new(History *history, GError **error) {
    g_autoptr(ImportAdder) adder = g_new0(ImportAdder, 1);
    adder->history = history;
    for (guint i = 0; i < SQL_COUNT; i++) {
        adder->sql[i] = database_prepare(history, statements[i], error);
        if (!adder->sql[i]) return NULL;
    }
    return g_steal_pointer(&adder);
}

void import_adder_free(ImportAdder *adder) {
    for (guint i = 0; i < SQL_COUNT; i++)
        sqlite3_finalize(adder->sql[i]);
    g_free(adder->machine);
    g_free(adder);
}

void import_adder_name(ImportAdder *adder, const char *machine) { adder->name = machine; }

/* ---- Statements ---- */

static void bind_number(const ImportAdder *adder, Sql sql, int index, gint64 number) {
    sqlite3_bind_int64(adder->sql[sql], index, number);
}

static void bind_text(const ImportAdder *adder, Sql sql, int index, const char *text) {
    database_bind_text(adder->sql[sql], index, text);
}

/* Runs a statement; the first value of its first row in *ret, or 0 if it has no row. */
static gboolean ask(const ImportAdder *adder, Sql sql, gint64 *ret, GError **error) {
    sqlite3_stmt *statement = adder->sql[sql];
    int code = sqlite3_step(statement);
    *ret = 0;
    if (code == SQLITE_ROW) {
        *ret = sqlite3_column_int64(statement, 0);
        code = sqlite3_step(statement);
    }
    gboolean done = code == SQLITE_DONE || database_fail(adder->history, error);
    sqlite3_reset(statement);
    return done;
}

/* ---- Machines ---- */

static gboolean add_machine(ImportAdder *adder, const char *uuid, const char *name, gint64 *ret_id,
                            GError **error) {
    bind_text(adder, SQL_ADD_MACHINE, 1, uuid);
    bind_text(adder, SQL_ADD_MACHINE, 2, name);
    if (!ask(adder, SQL_ADD_MACHINE, ret_id, error)) return FALSE;
    adder->counts.machines++;
    return (*ret_id > 1 && *ret_id <= MACHINES_MAX) ||
           usage_error(error, "a history has runs of at most %d machines", MACHINES_MAX);
}

/* Whether a row is of the machine of the last one. */
static gboolean is_same_machine(const ImportAdder *adder, const Row *row) {
    const char *stated = row->values[ROW_MACHINE_ID].text;
    if (!adder->machine) return FALSE;
    if (stated) return strcmp(adder->machine, stated) == 0;
    return adder->name && g_str_has_prefix(adder->machine, BY_NAME) &&
           strcmp(adder->machine + strlen(BY_NAME), adder->name) == 0;
}

/* Sets the adder's machine and base to those of a row. */
static gboolean find_machine(ImportAdder *adder, const Row *row, GError **error) {
    const char *stated = row->values[ROW_MACHINE_ID].text, *name = row->values[ROW_MACHINE].text;
    if (!stated && !adder->name)
        return usage_error(error, "the file does not say which machine it is of; name it with "
                                  "--machine NAME");
    if (is_same_machine(adder, row)) return TRUE;
    g_autofree char *uuid = stated ? g_strdup(stated) : g_strconcat(BY_NAME, adder->name, NULL);
    const char *chosen = adder->name ? adder->name : name ? name : uuid;
    gint64 id;
    bind_text(adder, SQL_FIND_MACHINE, 1, uuid);
    if (!ask(adder, SQL_FIND_MACHINE, &id, error)) return FALSE;
    if (id == 0 && !add_machine(adder, uuid, chosen, &id, error)) return FALSE;
    bind_text(adder, SQL_NAME_MACHINE, 1, uuid);
    bind_text(adder, SQL_NAME_MACHINE, 2, adder->name);
    gint64 named;
    if (adder->name && !ask(adder, SQL_NAME_MACHINE, &named, error)) return FALSE;
    g_free(adder->machine);
    adder->machine = g_steal_pointer(&uuid);
    adder->base = (id - 1) * MACHINE_SPAN;
    adder->run = 0;
    return TRUE;
}

/* ---- Runs ---- */

static gboolean check_whole(const ImportAdder *adder, GError **error) {
    return adder->run == 0 || adder->rows == adder->wanted ||
           usage_error(error,
                       "run %" G_GINT64_FORMAT " has %" G_GINT64_FORMAT
                       " rows and should have %" G_GINT64_FORMAT ": the file was cut or changed",
                       adder->run, adder->rows, adder->wanted);
}

static gboolean add_run(ImportAdder *adder, const Row *row, GError **error) {
    gint64 id = adder->base + adder->run;
    const char *label = row->values[ROW_LABEL].text;
    bind_number(adder, SQL_RUN, 1, id);
    bind_text(adder, SQL_RUN, 2, row->values[ROW_TIME].text);
    bind_number(adder, SQL_RUN, 3, row->values[ROW_ICOUNT].number);
    bind_text(adder, SQL_RUN, 4, row->values[ROW_QEMU].text);
    bind_text(adder, SQL_RUN, 5, row->values[ROW_KERNEL].text);
    if (!ask(adder, SQL_RUN, &id, error)) return FALSE;
    adder->counts.runs++;
    bind_number(adder, SQL_LABEL, 1, id);
    bind_text(adder, SQL_LABEL, 2, label);
    return !label || ask(adder, SQL_LABEL, &id, error);
}

/* Begins another run if the row is of one. */
static gboolean find_run(ImportAdder *adder, const Row *row, GError **error) {
    gint64 run = row->values[ROW_RUN].number, same = 0;
    if (run == adder->run) return TRUE;
    if (run < adder->run)
        return usage_error(error,
                           "run %" G_GINT64_FORMAT " comes after run %" G_GINT64_FORMAT
                           "; rows must be in the order of runs",
                           run, adder->run);
    adder->run = run;
    adder->rows = adder->attempt = 0;
    adder->wanted = row->values[ROW_ROWS].number;
    g_autofree char *exists =
        g_strdup_printf("SELECT 1 FROM run WHERE id = %" G_GINT64_FORMAT, adder->base + run);
    adder->is_known = database_number(adder->history, exists, 0) != 0;
    if (!adder->is_known) return add_run(adder, row, error);
    bind_number(adder, SQL_FIND_RUN, 1, adder->base + run);
    bind_text(adder, SQL_FIND_RUN, 2, row->values[ROW_TIME].text);
    if (!ask(adder, SQL_FIND_RUN, &same, error)) return FALSE;
    adder->counts.known++;
    return same || usage_error(error,
                               "the history has another run %" G_GINT64_FORMAT
                               " of this machine, of another time; give a machine of another "
                               "name with --machine if it is not the same one",
                               run);
}

static gboolean add_attempt(ImportAdder *adder, const Row *row, GError **error) {
    const char *why = row->values[ROW_FLAKY].text;
    gint64 item, done;
    bind_text(adder, SQL_ITEM, 1, row->values[ROW_CASE].text);
    if (!ask(adder, SQL_ITEM, &item, error)) return FALSE;
    bind_number(adder, SQL_ATTEMPT, 1, adder->base + adder->run);
    bind_number(adder, SQL_ATTEMPT, 2, item);
    bind_text(adder, SQL_ATTEMPT, 3, row->values[ROW_VERDICT].text);
    bind_number(adder, SQL_ATTEMPT, 4, row->values[ROW_DURATION].number);
    if (!ask(adder, SQL_ATTEMPT, &adder->attempt_id, error)) return FALSE;
    bind_number(adder, SQL_FLAKE, 1, adder->attempt_id);
    bind_text(adder, SQL_FLAKE, 2, why);
    return !why || ask(adder, SQL_FLAKE, &done, error);
}

static gboolean add_spawn(ImportAdder *adder, const Row *row, GError **error) {
    gint64 program, done;
    bind_text(adder, SQL_PROGRAM, 1, row->values[ROW_PROGRAM].text);
    bind_text(adder, SQL_PROGRAM, 2, row->values[ROW_ARGV].text);
    if (!ask(adder, SQL_PROGRAM, &program, error)) return FALSE;
    bind_number(adder, SQL_SPAWN, 1, adder->attempt_id);
    bind_number(adder, SQL_SPAWN, 2, row->values[ROW_N].number);
    bind_number(adder, SQL_SPAWN, 3, program);
    bind_number(adder, SQL_SPAWN, 4, row->values[ROW_HOST].number);
    bind_number(adder, SQL_SPAWN, 5, row->values[ROW_GUEST].number);
    bind_number(adder, SQL_SPAWN, 6, row->values[ROW_STATUS].number);
    return ask(adder, SQL_SPAWN, &done, error);
}

gboolean import_adder_add(gpointer data, const Row *row, GError **error) {
    ImportAdder *adder = data;
    const RowValue *n = &row->values[ROW_N];
    gint64 attempt = row->values[ROW_ATTEMPT].number;
    gboolean is_other = adder->run != row->values[ROW_RUN].number || !is_same_machine(adder, row);
    if ((is_other && !check_whole(adder, error)) || !find_machine(adder, row, error) ||
        !find_run(adder, row, error))
        return FALSE;
    gboolean is_next = attempt != adder->attempt;
    if (attempt < adder->attempt || (!is_next && (!n->is_set || n->number <= adder->n)))
        return usage_error(error, "attempts and spawns of a run must be in order, each once");
    adder->rows++;
    adder->attempt = attempt;
    adder->n = n->is_set ? n->number : -1;
    if (adder->is_known) return TRUE;
    return (!is_next || add_attempt(adder, row, error)) &&
           (!n->is_set || add_spawn(adder, row, error));
}

gboolean import_adder_finish(ImportAdder *adder, ImportCounts *ret_counts, GError **error) {
    if (!check_whole(adder, error)) return FALSE;
    *ret_counts = adder->counts;
    return TRUE;
}
