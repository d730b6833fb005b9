#include "history/import.h"
#include "base/fdio.h"
#include "base/text.h"
#include "base/usage.h"
#include "history/database.h"
#include "history/import_add.h"
#include "history/rows_parse.h"
#include <string.h>

/* SQLite holds a database in memory up to this: 1 GiB, some 20 million spawns. */
#define FILE_MAX ((gsize)1 << 30)
/* What a database of others may cost: bytes of one value, and seconds in all. */
#define VALUE_MAX (1 << 20)
#define WORK_S    120
/* How often the clock is looked at: instructions of SQLite. */
#define WORK_STEP 1000000

/* "File format" of SQLite, section 1.3. */
static const char database_magic[16] = "SQLite format 3";

static int is_late(void *end_us) { return g_get_monotonic_time() > *(const gint64 *)end_us; }

/* ---- A database of others: a copy in memory, so that nothing of it is executed on files ---- */

static gboolean deserialize(History *copy, const char *data, gsize length, GError **error) {
    if (sqlite3_open(":memory:", &copy->db) != SQLITE_OK) return database_fail(copy, error);
    unsigned char *bytes = sqlite3_malloc64(length);
    if (!bytes) return database_fail(copy, error);
    memcpy(bytes, data, length);
    return sqlite3_deserialize(copy->db, "main", bytes, (gint64)length, (gint64)length,
                               SQLITE_DESERIALIZE_FREEONCLOSE | SQLITE_DESERIALIZE_RESIZEABLE) ==
               SQLITE_OK ||
           database_fail(copy, error);
}

static gboolean check_integrity(const History *copy, GError **error) {
    sqlite3_stmt *statement = database_prepare(copy, "PRAGMA integrity_check(1)", error);
    if (!statement) return FALSE;
    int code = sqlite3_step(statement);
    g_autofree char *said = code == SQLITE_ROW ? database_name(statement, 0) : NULL;
    g_autofree char *line = said ? text_line(said) : NULL;
    gboolean sound =
        said ? strcmp(said, "ok") == 0 ||
                   usage_error(error, "the database %s is damaged: %s", copy->path, line)
             : database_fail(copy, error);
    sqlite3_finalize(statement);
    return sound;
}

/* Whether the copy has the tables of a history; those that came later are made in it. */
static gboolean check_copy(History *copy, GError **error) {
    static const char *const limits[] = {"run", "item", "program", "attempt", "spawn"};
    sqlite3_limit(copy->db, SQLITE_LIMIT_ATTACHED, 0);
    sqlite3_limit(copy->db, SQLITE_LIMIT_LENGTH, VALUE_MAX);
    if (!database_check_schema(copy, error) || !check_integrity(copy, error)) return FALSE;
    for (guint i = 0; i < G_N_ELEMENTS(limits); i++) {
        g_autofree char *sql = g_strdup_printf(
            "SELECT count(*) FROM sqlite_schema WHERE type = 'table' AND name = '%s'", limits[i]);
        if (database_number(copy, sql, 0) != 1)
            return usage_error(error, "the database %s is no history: it has no table %s",
                               copy->path, limits[i]);
    }
    return history_adopt(copy, error);
}

typedef struct {
    ImportAdder *adder;
    const char *name;
} Checked;

/* The file is as little trusted as a text. */
static gboolean add_checked(gpointer data, const Row *row, GError **error) {
    const Checked *checked = data;
    g_autofree char *wrong = row_check(row);
    if (!wrong) return import_adder_add(checked->adder, row, error);
    return usage_error(error, "the database %s: a row of run %" G_GINT64_FORMAT " %s",
                       checked->name, row->values[ROW_RUN].number, wrong);
}

static gboolean add_machines(History *copy, ImportAdder *adder, const char *machine,
                             GError **error) {
    const HistoryRange all = {1, G_MAXINT64};
    Checked checked = {adder, copy->path};
    g_autoptr(GPtrArray) machines = history_machines(copy, error);
    if (!machines) return FALSE;
    import_adder_name(adder, machine);
    if (machines->len == 0) return rows_read(copy, all, add_checked, &checked, error);
    for (guint i = 0; i < machines->len; i++) {
        const HistoryMachine *one = machines->pdata[i];
        history_choose(copy, one);
        /* The name is that of the machine that the file is of, not of those that it imported. */
        import_adder_name(adder, one->number == 1 ? machine : NULL);
        if (!rows_read(copy, all, add_checked, &checked, error)) return FALSE;
    }
    return TRUE;
}

static gboolean add_database(ImportAdder *adder, const char *data, gsize length, const char *name,
                             const char *machine, GError **error) {
    g_autoptr(History) copy = g_new0(History, 1);
    gint64 end_us = g_get_monotonic_time() + WORK_S * G_USEC_PER_SEC;
    copy->path = g_strdup(name);
    if (!deserialize(copy, data, length, error)) return FALSE;
    sqlite3_progress_handler(copy->db, WORK_STEP, is_late, &end_us);
    return check_copy(copy, error) && add_machines(copy, adder, machine, error);
}

/* ---- Any file ---- */

static gboolean add_all(ImportAdder *adder, const char *data, gsize length, const char *name,
                        const char *machine, ImportCounts *ret_counts, GError **error) {
    gboolean is_database =
        length >= sizeof database_magic && memcmp(data, database_magic, sizeof database_magic) == 0;
    import_adder_name(adder, machine);
    gboolean added = is_database ? add_database(adder, data, length, name, machine, error)
                                 : rows_parse(data, length, name, import_adder_add, adder, error);
    return added && import_adder_finish(adder, ret_counts, error);
}

/* An older harness would take the runs of other machines for its own. */
static gboolean mark_machines(History *history, GError **error) {
    return database_number(history, "SELECT count(*) FROM machine", 0) < 2 ||
           database_execute(history, "PRAGMA user_version = 2", error);
}

gboolean history_import_bytes(History *history, const char *data, gsize length, const char *name,
                              const char *machine, ImportCounts *ret_counts, GError **error) {
    ImportCounts counts;
    if (!database_execute(history, "BEGIN IMMEDIATE", error)) return FALSE;
    g_autoptr(ImportAdder) adder =
        history_name_machine(history, error) ? import_adder_new(history, error) : NULL;
    gboolean added = adder && add_all(adder, data, length, name, machine, &counts, error) &&
                     mark_machines(history, error);
    if (!database_end(history, added, error)) return FALSE;
    *ret_counts = counts;
    return TRUE;
}

gboolean history_import(History *history, const char *path, const char *machine,
                        ImportCounts *ret_counts, GError **error) {
    g_autofree char *journal = g_strconcat(path, "-journal", NULL);
    g_autoptr(GError) failed = NULL;
    gsize length;
    if (g_file_test(journal, G_FILE_TEST_EXISTS))
        return usage_error(error,
                           "the database %s is being written, or a harness was killed "
                           "while it wrote: \"harness perf runs\" on it mends it",
                           path);
    g_autoptr(GBytes) bytes = fdio_load(path, &failed);
    if (!bytes) return usage_error(error, "%s", failed->message);
    const char *data = g_bytes_get_data(bytes, &length);
    if (length > FILE_MAX)
        return usage_error(error,
                           "%s has more than 1 GiB; export it in ranges (harness perf "
                           "export 1..1000)",
                           path);
    return history_import_bytes(history, data ? data : "", length, path, machine, ret_counts,
                                error);
}
