#include "base/error.h"
#include "base/fdio.h"
#include "cli/command.h"
#include "coverage/collect.h"
#include "coverage/write.h"
#include <errno.h>
#include <fcntl.h>
#include <stdio.h>

static char **elf_files; /* ends with NULL */
static char *folder;

static void clear_program(gpointer data) { g_bytes_unref(((CollectProgram *)data)->content); }

static GArray *load_programs(GError **error) {
    g_autoptr(GArray) programs = g_array_new(FALSE, FALSE, sizeof(CollectProgram));
    g_array_set_clear_func(programs, clear_program);
    for (char **path = elf_files; *path; path++) {
        CollectProgram program = {*path, fdio_load(*path, error), TRUE};
        if (!program.content) return NULL;
        g_array_append_val(programs, program);
    }
    return g_steal_pointer(&programs);
}

static Counters *load_counters(const char *path, GError **error) {
    int fd = open(path, O_RDONLY | O_CLOEXEC | O_NONBLOCK);
    if (fd < 0) {
        error_set_errno(error, errno, "%s", path);
        return NULL;
    }
    Counters *counters = counters_load(fd, error);
    if (!counters) g_prefix_error(error, "%s: ", path);
    fdio_clear(&fd);
    return counters;
}

static gboolean add_all(Coverage *coverage, const GArray *programs, const char *const *files,
                        GError **error) {
    Collector *collector = collector_new(coverage);
    gboolean is_good = TRUE;
    for (guint i = 0; files[i] && is_good; i++) {
        g_autoptr(Counters) counters = load_counters(files[i], error);
        is_good = counters != NULL;
        if (is_good)
            collector_add(collector, i, counters, (const CollectProgram *)programs->data,
                          programs->len, FALSE);
    }
    collector_free(collector);
    return is_good;
}

static int run(const Command *const *commands, const char *const *arguments, GError **error) {
    (void)commands;
    if (!*arguments || !elf_files || !folder)
        return command_usage(error, "coverage needs --elf FILE, --into DIR and files of counters");
    g_autoptr(GPtrArray) ids = g_ptr_array_new_with_free_func(g_free);
    for (const char *const *file = arguments; *file; file++)
        g_ptr_array_add(ids, g_path_get_basename(*file));
    g_ptr_array_add(ids, NULL);
    g_autoptr(Coverage) coverage = coverage_new(".", (const char *const *)ids->pdata);
    g_autoptr(GArray) programs = load_programs(error);
    if (!programs || !add_all(coverage, programs, arguments, error) ||
        !coverage_write(coverage, folder, error))
        return -1;
    CoverageTotals totals = coverage_totals(coverage);
    printf("coverage: %u of %u lines, %u of %u functions; %s/index.html\n", totals.lines_hit,
           totals.lines, totals.functions_hit, totals.functions, folder);
    return EXIT_PASSED;
}

static const GOptionEntry options[] = {
    {"elf", 'e', 0, G_OPTION_ARG_FILENAME_ARRAY, &elf_files,
     "The ELF file of the kernel or of a program that ran; may be repeated", "FILE"},
    {"into", 'i', 0, G_OPTION_ARG_FILENAME, &folder, "Folder for the reports", "DIR"},
    {NULL}};

const Command command_coverage = {
    .name = "coverage",
    .arguments = "COUNTERS...",
    .summary = "Report the coverage of a QEMU run without harness",
    .description =
        "Writes the files of run --coverage for QEMUs that others started, with the plugin that\n"
        "lies beside this program:\n\n"
        "  qemu-system-aarch64 -plugin build/libcoverage.so,into=COUNTERS ...\n"
        "  harness coverage --elf vmlinux --into DIR COUNTERS\n\n"
        "Each file of counters is a case, named as the file. COUNTERS is replaced by each QEMU,\n"
        "and may be read once that has ended, also by a signal.",
    .options = options,
    .run = run,
};
