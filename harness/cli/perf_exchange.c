/* What of a history goes to others and comes from them. */
#include "base/error.h"
#include "base/text.h"
#include "base/usage.h"
#include "cli/perf_command.h"
#include "history/export.h"
#include "history/import.h"
#include <errno.h>
#include <glib/gstdio.h>
#include <stdio.h>
#include <string.h>

/* ---- export ---- */

static void print_line(gpointer data, const char *line) {
    fputs(line, data);
    putc('\n', data);
}

static const ExportFormat *find_format(GError **error) {
    const char *name = perf_flags.format;
    const ExportFormat *format = name ? export_find(name) : export_formats;
    if (format) return format;
    g_autofree const char **names = export_names();
    g_autofree char *all = g_strjoinv(", ", (char **)names);
    g_autofree char *what = g_strconcat("perf export knows the formats ", all, NULL);
    usage_unknown(error, what, name, names);
    return NULL;
}

/* A regular file is replaced when all is written, or not changed. */
static gboolean write_file(const ExportFormat *format, Export *export, const char *path,
                           GError **error) {
    gboolean is_special =
        g_file_test(path, G_FILE_TEST_EXISTS) && !g_file_test(path, G_FILE_TEST_IS_REGULAR);
    g_autofree char *made = is_special ? g_strdup(path) : g_strconcat(path, ".new", NULL);
    FILE *out = g_fopen(made, "we");
    if (!out) return error_set_errno(error, errno, "cannot write %s", path);
    export->data = out;
    gboolean done = format->write(export, error);
    gboolean is_lost = ferror(out) != 0;
    is_lost |= fclose(out) != 0;
    if (done && (is_lost || (!is_special && g_rename(made, path) != 0)))
        done = error_set_errno(error, errno, "cannot write %s", path);
    if (!done && !is_special) g_unlink(made);
    return done;
}

int perf_export(History *history, const char *const *arguments, GError **error) {
    const ExportFormat *format = find_format(error);
    if (!format) return -1;
    if (arguments[0] && arguments[1])
        return command_usage(error, "perf export takes at most one range of runs");
    Export export = {.history = history,
                     .range = perf_everything(),
                     .icount = perf_flags.icount,
                     .line = print_line,
                     .data = stdout};
    if (arguments[0] && !perf_find_range(history, arguments[0], &export.range, error)) return -1;
    if (!arguments[0] && format->is_summary)
        export.range.first = history_newest_of(history, perf_flags.icount);
    const char *path = perf_flags.output;
    gboolean done = path && strcmp(path, "-") != 0 ? write_file(format, &export, path, error)
                                                   : format->write(&export, error);
    return done ? EXIT_PASSED : -1;
}

/* ---- import ---- */

int perf_import(History *history, const char *const *arguments, GError **error) {
    ImportCounts counts;
    if (!arguments[0] || arguments[1])
        return command_usage(error, "perf import needs one FILE: the history.db of another "
                                    "machine, or what perf export --format jsonl or csv wrote");
    if (perf_flags.machine && !history_is_machine(perf_flags.machine))
        return command_usage(error, "--machine must be a name of 1 to 100 bytes");
    if (!history_import(history, arguments[0], perf_flags.machine, &counts, error)) return -1;
    printf("%u runs added, %u known already", counts.runs, counts.known);
    if (counts.machines)
        printf("; %u new machine%s", counts.machines, counts.machines == 1 ? "" : "s");
    puts(" (harness perf machines)");
    return EXIT_PASSED;
}

/* ---- machines, name ---- */

int perf_machines(History *history, const char *const *arguments, GError **error) {
    if (arguments[0]) return command_usage(error, "perf machines takes no arguments");
    g_autoptr(GPtrArray) machines = history_machines(history, error);
    if (!machines) return -1;
    printf("%-18s %6s  %s\n", "id", "runs", "name");
    for (guint i = 0; i < machines->len; i++) {
        const HistoryMachine *machine = machines->pdata[i];
        g_autofree char *id = text_line(machine->uuid);
        g_autofree char *name = text_line(machine->name);
        printf("%-18s %6u  %s%s\n", id, machine->runs, name,
               machine->number == 1 ? " (this one)" : "");
    }
    return EXIT_PASSED;
}

int perf_name(History *history, const char *const *arguments, GError **error) {
    if (!arguments[0] || arguments[1] || !history_is_machine(arguments[0]))
        return command_usage(error, "perf name needs the new NAME of the machine, 1 to 100 bytes; "
                                    "--machine chooses another than this one");
    return history_rename(history, arguments[0], error) ? EXIT_PASSED : -1;
}

/* ---- prune ---- */

int perf_prune(History *history, const char *const *arguments, GError **error) {
    guint64 keep;
    guint removed;
    if (!arguments[0] || arguments[1] ||
        !g_ascii_string_to_unsigned(arguments[0], 10, 1, G_MAXUINT, &keep, NULL))
        return command_usage(error, "perf prune needs the number of newest runs to keep, at least "
                                    "one: perf prune 200");
    if (!history_prune(history, (guint)keep, &removed, error)) return -1;
    printf("removed %u runs\n", removed);
    return EXIT_PASSED;
}
