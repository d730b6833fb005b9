/*
 * Files that harness perf import is given: texts of rows, and databases. What is refused changes
 * nothing; what is taken adds nothing when it comes again, and leaves the history as it came.
 */
#include "history/export.h"
#include "history/import.h"
#include <stdint.h>
#include <stdlib.h>
#include <string.h>

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size);

static void append_line(gpointer data, const char *line) {
    g_string_append_printf(data, "%s\n", line);
}

/* All machines' rows; a summary may have nothing to say. */
static char *read_all(History *history, const char *format) {
    GString *out = g_string_new(NULL);
    g_autoptr(GPtrArray) machines = history_machines(history, NULL);
    if (!machines) abort();
    for (guint i = 0; i < machines->len; i++) {
        Export export = {history, {1, G_MAXINT64}, FALSE, append_line, out};
        history_choose(history, machines->pdata[i]);
        const ExportFormat *found = export_find(format);
        if (!found->write(&export, NULL) && !found->is_summary) abort();
    }
    return g_string_free(out, FALSE);
}

static guint count_runs(History *history) {
    guint runs = 0;
    g_autoptr(GPtrArray) machines = history_machines(history, NULL);
    for (guint i = 0; i < machines->len; i++)
        runs += ((HistoryMachine *)machines->pdata[i])->runs;
    return runs;
}

/* Every format can show it. */
static void write_all(History *history) {
    for (const ExportFormat *format = export_formats; format->name; format++)
        g_free(read_all(history, format->name));
}

/* What came in is the same after it went through a file of ours. */
static void check_again(History *history, const char *format) {
    ImportCounts counts;
    g_autofree char *rows = read_all(history, "jsonl");
    g_autofree char *text = read_all(history, format);
    g_autoptr(History) other = history_open(":memory:", TRUE, NULL);
    if (!other || !history_import_bytes(other, text, strlen(text), "again", NULL, &counts, NULL))
        abort();
    g_autofree char *same = read_all(other, "jsonl");
    if (strcmp(same, rows) != 0) abort();
}

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size) {
    GError *error = NULL;
    ImportCounts counts, again;
    g_autoptr(History) history = history_open(":memory:", TRUE, NULL);
    if (!history || !history_name_machine(history, NULL)) abort();
    gboolean added =
        history_import_bytes(history, (const char *)data, size, "file", "fuzz", &counts, &error);
    if (added == (error != NULL) || (error && !g_utf8_validate(error->message, -1, NULL))) abort();
    g_clear_error(&error);
    if (count_runs(history) != (added ? counts.runs : 0)) abort();
    if (!added) return 0;
    if (!history_import_bytes(history, (const char *)data, size, "file", "fuzz", &again, NULL) ||
        again.runs != 0 || again.machines != 0 || again.known != counts.runs + counts.known)
        abort();
    write_all(history);
    if (counts.machines == 1 && counts.runs > 0) check_again(history, "jsonl");
    return 0;
}
