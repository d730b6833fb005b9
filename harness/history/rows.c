#include "history/rows.h"
#include "history/database.h"
#include <string.h>

const RowColumnInfo row_columns[ROW_COLUMNS] = {
    [ROW_MACHINE_ID] = {"machine_id"},
    [ROW_MACHINE] = {"machine"},
    [ROW_RUN] = {"run", .is_number = TRUE, .is_needed = TRUE},
    [ROW_TIME] = {"time", .is_needed = TRUE},
    [ROW_LABEL] = {"label"},
    [ROW_ICOUNT] = {"icount", .is_number = TRUE, .is_needed = TRUE},
    /* How many rows the run has, so that a file that was cut is known as one. */
    [ROW_ROWS] = {"rows", .is_number = TRUE, .is_needed = TRUE},
    [ROW_QEMU] = {"qemu"},
    [ROW_KERNEL] = {"kernel_sha256"},
    [ROW_ATTEMPT] = {"attempt", .is_number = TRUE, .is_needed = TRUE},
    [ROW_CASE] = {"case", .is_needed = TRUE},
    [ROW_VERDICT] = {"verdict", .is_needed = TRUE},
    [ROW_DURATION] = {"duration_ns", .is_number = TRUE, .is_needed = TRUE},
    [ROW_FLAKY] = {"flaky"},
    [ROW_N] = {"n", .is_number = TRUE, .is_spawns = TRUE},
    [ROW_PROGRAM] = {"program", .is_spawns = TRUE},
    [ROW_ARGV] = {"argv", .is_spawns = TRUE},
    [ROW_STATUS] = {"status", .is_number = TRUE, .is_spawns = TRUE},
    [ROW_HOST] = {"host_ns", .is_number = TRUE, .is_spawns = TRUE},
    [ROW_GUEST] = {"guest_ns", .is_number = TRUE, .is_spawns = TRUE},
};

/* Upper bounds of what a row from outside can say: bytes of a text, and 30 years in nanoseconds,
 * which also bounds numbers of instructions. */
#define TEXT_MAX    (1 << 20)
#define INTEGER_MAX G_GINT64_CONSTANT(1000000000000000000)

void row_clear(Row *row) {
    for (guint i = 0; i < ROW_COLUMNS; i++)
        g_free(row->values[i].text);
    memset(row, 0, sizeof *row);
}

/* The same form of time that every run has: "2026-01-31T23:59:59.123456Z". */
static gboolean is_time(const char *text) {
    return strlen(text) >= 20 && strlen(text) <= 32 &&
           strspn(text, "0123456789-:.TZ") == strlen(text);
}

static gboolean is_verdict(const char *text) {
    for (guint kind = 0; kind < VERDICT_KINDS; kind++)
        if (strcmp(text, verdict_name(kind)) == 0) return TRUE;
    return FALSE;
}

static char *check_value(RowColumn column, const RowValue *value, gboolean is_spawn) {
    const RowColumnInfo *info = &row_columns[column];
    if (!value->is_set)
        return info->is_needed || (is_spawn && info->is_spawns)
                   ? g_strdup_printf("has no %s", info->name)
                   : NULL;
    if (info->is_spawns && !is_spawn) return g_strdup_printf("has %s, but no n", info->name);
    /* A cost that is unknown is -1. */
    gint64 least = column == ROW_GUEST || column == ROW_HOST ? -1 : column == ROW_RUN ? 1 : 0;
    if (info->is_number && (value->text || value->number < least || value->number > INTEGER_MAX))
        return g_strdup_printf("has a %s that cannot be", info->name);
    if (!info->is_number && (!value->text || strlen(value->text) > TEXT_MAX))
        return g_strdup_printf("has a %s that is no text of at most 1 MiB", info->name);
    return NULL;
}

char *row_check(const Row *row) {
    const RowValue *values = row->values;
    gboolean is_spawn = values[ROW_N].is_set;
    for (RowColumn i = 0; i < ROW_COLUMNS; i++) {
        char *wrong = check_value(i, &values[i], is_spawn);
        if (wrong) return wrong;
    }
    if (values[ROW_RUN].number >= MACHINE_SPAN) return g_strdup("has a run that cannot be");
    if (!is_time(values[ROW_TIME].text)) return g_strdup("has a time that is none in UTC");
    if (!*values[ROW_CASE].text) return g_strdup("has a case without a name");
    if (!is_verdict(values[ROW_VERDICT].text)) return g_strdup("has a verdict that is none");
    if (values[ROW_ICOUNT].number > 1) return g_strdup("has an icount that is neither 0 nor 1");
    if (values[ROW_LABEL].is_set && !history_is_label(values[ROW_LABEL].text))
        return g_strdup("has a label that no run can have");
    if (values[ROW_MACHINE].is_set && !history_is_machine(values[ROW_MACHINE].text))
        return g_strdup("has a machine that is no name of at most 100 bytes");
    if (values[ROW_MACHINE_ID].is_set && !history_is_machine(values[ROW_MACHINE_ID].text))
        return g_strdup("has a machine_id that is none");
    return NULL;
}

/* In the order of RowColumn; of an attempt only its place in the run leaves the history. */
static const char rows_sql[] =
    "SELECT (SELECT uuid FROM machine WHERE id = ?3), (SELECT name FROM machine WHERE id = ?3),"
    " run.id - ?4, run.time, (SELECT name FROM label WHERE label.run = run.id), run.icount,"
    " count(*) OVER (PARTITION BY run.id), run.qemu, run.kernel_sha256, attempt.id, item.name, "
    "attempt.verdict, attempt.duration_ns,"
    " (SELECT why FROM flake WHERE flake.attempt = attempt.id),"
    " spawn.n, program.path, program.argv, spawn.status, spawn.host_ns, spawn.guest_ns"
    " FROM run JOIN attempt ON attempt.run = run.id JOIN item ON item.id = attempt.item"
    " LEFT JOIN spawn ON spawn.attempt = attempt.id"
    " LEFT JOIN program ON program.id = spawn.program"
    " WHERE run.id BETWEEN ?1 AND ?2 ORDER BY run.id, attempt.id, spawn.n";

static void read_row(sqlite3_stmt *statement, Row *ret) {
    for (int i = 0; i < ROW_COLUMNS; i++) {
        RowValue *value = &ret->values[i];
        int type = sqlite3_column_type(statement, i);
        value->is_set = type != SQLITE_NULL;
        if (type == SQLITE_INTEGER)
            value->number = sqlite3_column_int64(statement, i);
        else if (type == SQLITE_TEXT)
            value->text = database_name(statement, i);
        else
            value->number = G_MININT64; /* which row_check refuses */
    }
}

gboolean rows_read(History *history, HistoryRange range,
                   gboolean (*each)(gpointer data, const Row *row, GError **error), gpointer data,
                   GError **error) {
    sqlite3_stmt *statement = database_prepare(history, rows_sql, error);
    if (!statement) return FALSE;
    database_bind_range(history, statement, 1, range);
    sqlite3_bind_int64(statement, 3, history->base / MACHINE_SPAN + 1);
    sqlite3_bind_int64(statement, 4, history->base);
    int code;
    gboolean going_on = TRUE;
    gint64 run = -1, attempt = -1, place = 0;
    while (going_on && (code = sqlite3_step(statement)) == SQLITE_ROW) {
        g_auto(Row) row = {0};
        read_row(statement, &row);
        RowValue *number = &row.values[ROW_ATTEMPT];
        if (row.values[ROW_RUN].number != run) place = 0;
        place += row.values[ROW_RUN].number != run || number->number != attempt;
        run = row.values[ROW_RUN].number;
        attempt = number->number;
        number->number = place;
        going_on = each(data, &row, error);
    }
    sqlite3_finalize(statement);
    return going_on && (code == SQLITE_DONE || database_fail(history, error));
}
