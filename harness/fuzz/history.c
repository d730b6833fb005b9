/*
 * History files that somebody else has made or damaged: every question gets an answer or an error.
 * An input is what to do to a good file: 'S' and SQL to execute in it; or bytes to change, each as
 * three bytes of its offset and its value.
 */
#include "history/export.h"
#include "history/import.h"
#include <gio/gio.h>
#include <glib/gstdio.h>
#include <sqlite3.h>
#include <stdint.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size);

/* SQL of an input that runs longer is broken off: instructions of SQLite. */
enum { WORK_MAX = 100000 };

static char *folder, *path, *good;
static gsize good_size;

static Record *a_record(void) {
    Record *record = record_new();
    record->time = g_strdup("2026-01-31T23:59:59.123456Z");
    record->qemu_version = g_strdup("7.2");
    RecordGate *gate = record_add_gate(record, "g", "g.gate", "it holds");
    RecordAttempt *attempt = record_add_attempt(record_add_case(record, gate, "c", NULL, TRUE));
    attempt->ran = TRUE;
    attempt->duration_ns = 1000000;
    for (guint i = 0; i < 3; i++) {
        RecordSpawn *spawn = record_add_spawn(attempt);
        spawn->path = g_strdup(i ? "/child" : "/init");
        spawn->argv = g_strsplit("a,b c", ",", -1);
        spawn->host_ns = spawn->guest_ns = 1000 + i;
    }
    attempt->verdict = VERDICT_PASS;
    record_end_attempt(record, attempt);
    return record;
}

static void remove_files(void) {
    static const char *const suffixes[] = {"", "-journal", "-wal", "-shm"};
    for (guint i = 0; i < G_N_ELEMENTS(suffixes); i++) {
        g_autofree char *file = g_strconcat(path, suffixes[i], NULL);
        g_unlink(file);
    }
}

static void remove_folder(void) {
    remove_files();
    g_rmdir(folder);
}

/* An answer or an error, and never both. */
static gboolean check(gboolean answered, GError *error) {
    if (answered != !error || (error && !g_utf8_validate(error->message, -1, NULL))) abort();
    g_clear_error(&error);
    return answered;
}

static void make_good(void) {
    GError *error = NULL;
    folder = g_strdup_printf("%s/fuzz-history-XXXXXX",
                             access("/dev/shm", W_OK) == 0 ? "/dev/shm" : g_get_tmp_dir());
    if (!g_mkdtemp(folder)) abort();
    path = g_build_filename(folder, "db", NULL);
    atexit(remove_folder);
    History *history = history_open(path, TRUE, &error);
    Record *record = a_record();
    if (!history || !history_add(history, record, "v1", NULL) ||
        !history_add(history, record, NULL, NULL))
        abort();
    record_free(record);
    history_free(history);
    if (!g_file_get_contents(path, &good, &good_size, NULL)) abort();
}

static int too_long(void *data) {
    (void)data;
    return 1;
}

static void execute(const uint8_t *data, size_t size) {
    sqlite3 *db;
    g_autofree char *sql = g_strndup((const char *)data, size);
    if (sqlite3_open(path, &db) != SQLITE_OK) abort();
    sqlite3_limit(db, SQLITE_LIMIT_ATTACHED, 0); /* no other file */
    sqlite3_limit(db, SQLITE_LIMIT_LENGTH, 100000);
    sqlite3_progress_handler(db, WORK_MAX, too_long, NULL);
    sqlite3_exec(db, sql, NULL, NULL, NULL);
    sqlite3_close(db);
}

static void damage(const uint8_t *data, size_t size) {
    g_autofree char *bytes = g_memdup2(good, good_size);
    for (size_t i = 0; i + 4 <= size; i += 4) {
        size_t offset = (size_t)data[i] << 16 | (size_t)data[i + 1] << 8 | data[i + 2];
        bytes[offset % good_size] = (char)data[i + 3];
    }
    if (!g_file_set_contents_full(path, bytes, (gssize)good_size, G_FILE_SET_CONTENTS_NONE, 0600,
                                  NULL))
        abort();
}

static void check_line(gpointer data, const char *line) {
    (void)data;
    if (!g_utf8_validate(line, -1, NULL)) abort();
}

static void check_series(GPtrArray *all, GError *error) {
    if (!check(all != NULL, error)) return;
    for (guint i = 0; i < all->len; i++) {
        const HistorySeries *series = all->pdata[i];
        if (!g_utf8_validate(series->case_id, -1, NULL) ||
            !g_utf8_validate(series->program, -1, NULL) || series->points->len == 0)
            abort();
    }
    g_ptr_array_unref(all);
}

static void check_runs(GPtrArray *runs, GError *error) {
    if (!check(runs != NULL, error)) return;
    for (guint i = 0; i < runs->len; i++)
        if (!g_utf8_validate(((HistoryRun *)runs->pdata[i])->time, -1, NULL)) abort();
    g_ptr_array_unref(runs);
}

static void ask(History *history) {
    const HistoryRange all = {0, G_MAXINT64};
    HistoryRange range;
    guint count;
    GError *error = NULL;
    history_newest(history);
    if (history_expected_ns(history, "g/c", FALSE) < -1) abort();
    gboolean done = history_labelled(history, "v1", &range, &count, &error);
    check(done, g_steal_pointer(&error));
    for (gboolean icount = FALSE; icount <= TRUE; icount++) {
        GPtrArray *series = history_series(history, "*", icount, all, &error);
        check_series(series, g_steal_pointer(&error));
        series = history_totals(history, icount, 3, &error);
        check_series(series, g_steal_pointer(&error));
    }
    GPtrArray *runs = history_runs(history, 10, &error);
    check_runs(runs, g_steal_pointer(&error));
    for (const ExportFormat *format = export_formats; format->name; format++) {
        Export export = {history, all, FALSE, check_line, NULL};
        done = format->write(&export, &error);
        check(done, g_steal_pointer(&error));
    }
}

static void change(History *history) {
    guint removed;
    GError *error = NULL;
    Record *record = a_record();
    gboolean done = history_add(history, record, "v2", &error);
    check(done, g_steal_pointer(&error));
    done = history_prune(history, 1, &removed, &error);
    check(done, g_steal_pointer(&error));
    record_free(record);
    done = history_name_machine(history, &error);
    check(done, g_steal_pointer(&error));
}

/* The same file as one from another machine. */
static void import_it(void) {
    GError *error = NULL;
    ImportCounts counts;
    g_autoptr(History) other = history_open(":memory:", TRUE, NULL);
    if (!other) abort();
    gboolean done = history_import(other, path, "fuzz", &counts, &error);
    check(done, error);
}

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size) {
    if (!good) make_good();
    remove_files();
    gboolean is_sql = size > 0 && data[0] == 'S';
    damage(data, is_sql ? 0 : size);
    if (is_sql) execute(data + 1, size - 1);
    import_it();
    GError *error = NULL;
    History *history = history_open(path, FALSE, &error);
    if (!check(history != NULL, error)) return 0;
    ask(history);
    change(history);
    ask(history);
    history_free(history);
    return 0;
}
