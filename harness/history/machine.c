#include "base/error.h"
#include "base/text.h"
#include "base/usage.h"
#include "history/database.h"
#include <string.h>
#include <sys/utsname.h>

/* Names are shown in tables. */
#define NAME_MAX_BYTES 100

/* What Linux calls the processor: "model name" on x86; others have none, and their kernel's name
 * of the architecture says enough. Free with g_free. */
static char *processor_name(void) {
    g_autofree char *text = NULL;
    struct utsname system;
    g_file_get_contents("/proc/cpuinfo", &text, NULL, NULL);
    const char *line = text ? strstr(text, "\nmodel name\t: ") : NULL;
    if (line) {
        line += strlen("\nmodel name\t: ");
        g_autofree char *name = g_strndup(line, strcspn(line, "\n"));
        g_autofree char *shown = text_line(name);
        if (history_is_machine(shown)) return g_steal_pointer(&shown);
    }
    return g_strdup(uname(&system) == 0 ? system.machine : "unknown");
}

gboolean history_is_machine(const char *name) {
    return *name && strlen(name) <= NAME_MAX_BYTES && g_utf8_validate(name, -1, NULL);
}

static const char name_sql[] =
    "INSERT OR IGNORE INTO machine (id, uuid, name) VALUES (1, lower(hex(randomblob(8))), ?1)";

gboolean history_name_machine(History *history, GError **error) {
    if (database_number(history, "SELECT 1 FROM machine WHERE id = 1", 0)) return TRUE;
    sqlite3_stmt *statement = database_prepare(history, name_sql, error);
    if (!statement) return FALSE;
    g_autofree char *name = processor_name();
    database_bind_text(statement, 1, name);
    gboolean named = sqlite3_step(statement) == SQLITE_DONE || database_fail(history, error);
    sqlite3_finalize(statement);
    return named;
}

static void machine_free(gpointer data) {
    HistoryMachine *machine = data;
    g_free(machine->uuid);
    g_free(machine->name);
    g_free(machine);
}

static const char machines_sql[] =
    "SELECT machine.id, uuid, name, (SELECT count(*) FROM run"
    "  WHERE run.id BETWEEN (machine.id - 1) * ?1 + 1 AND machine.id * ?1 - 1)"
    " FROM machine WHERE machine.id BETWEEN 1 AND " G_STRINGIFY(MACHINES_MAX) " ORDER BY 1";

GPtrArray *history_machines(History *history, GError **error) {
    sqlite3_stmt *statement = database_prepare(history, machines_sql, error);
    if (!statement) return NULL;
    sqlite3_bind_int64(statement, 1, MACHINE_SPAN);
    GPtrArray *machines = g_ptr_array_new_with_free_func(machine_free);
    int code;
    while ((code = sqlite3_step(statement)) == SQLITE_ROW) {
        HistoryMachine *machine = g_new0(HistoryMachine, 1);
        machine->number = sqlite3_column_int64(statement, 0);
        machine->uuid = database_name(statement, 1);
        machine->name = database_name(statement, 2);
        machine->runs = (guint)sqlite3_column_int64(statement, 3);
        g_ptr_array_add(machines, machine);
    }
    if (code != SQLITE_DONE) {
        database_fail(history, error);
        g_clear_pointer(&machines, g_ptr_array_unref);
    }
    sqlite3_finalize(statement);
    return machines;
}

void history_choose(History *history, const HistoryMachine *machine) {
    history->base = (machine->number - 1) * MACHINE_SPAN;
}

gboolean history_choose_named(History *history, const char *name, GError **error) {
    g_autoptr(GPtrArray) machines = history_machines(history, error);
    if (!machines) return FALSE;
    const HistoryMachine *found = NULL;
    guint count = 0;
    for (guint i = 0; i < machines->len; i++) {
        const HistoryMachine *machine = machines->pdata[i];
        /* An id names one machine; a name may be that of several. */
        gboolean is_id = strcmp(machine->uuid, name) == 0;
        if (!is_id && strcmp(machine->name, name) != 0) continue;
        found = machine;
        count = is_id ? 1 : count + 1;
        if (is_id) break;
    }
    if (count == 1) {
        history_choose(history, found);
        return TRUE;
    }
    g_autofree char *shown = text_line(name);
    if (count == 0)
        return usage_error(error,
                           "the history has no machine \"%s\"; harness perf machines lists those "
                           "that it has",
                           shown);
    return usage_error(error,
                       "the history has %u machines of the name \"%s\"; give the id of one "
                       "(harness perf machines)",
                       count, shown);
}

char *history_machine_name(History *history) {
    sqlite3_stmt *statement =
        database_prepare(history, "SELECT name FROM machine WHERE id = ?1", NULL);
    g_autofree char *name = NULL;
    if (statement) sqlite3_bind_int64(statement, 1, history->base / MACHINE_SPAN + 1);
    if (statement && sqlite3_step(statement) == SQLITE_ROW) name = database_text(statement, 0);
    sqlite3_finalize(statement);
    return text_line(name ? name : "");
}

gboolean history_rename(History *history, const char *name, GError **error) {
    sqlite3_stmt *statement =
        database_prepare(history, "UPDATE machine SET name = ?1 WHERE id = ?2", error);
    if (!statement) return FALSE;
    database_bind_text(statement, 1, name);
    sqlite3_bind_int64(statement, 2, history->base / MACHINE_SPAN + 1);
    gboolean named = sqlite3_step(statement) == SQLITE_DONE || database_fail(history, error);
    sqlite3_finalize(statement);
    return named;
}
