#include "run/run_coverage.h"
#include "attempt/spawns.h"
#include "base/fdio.h"
#include "coverage/collect.h"
#include "coverage/line_file.h"
#include "coverage/plugin.h"
#include "coverage/write.h"
#include "run/covered_run.h"
#include <string.h>

struct _RunCoverage {
    const char *folder;
    const Plan *plan;
    char *plugin;
    Coverage *coverage;
    Collector *collector;
    CoveredRun *covered;
    GPtrArray *line_files; /* of GBytes */
    const char *out_root;
    GHashTable *nameless; /* paths of kernels without symbols, which are said once */
    GError *failed;       /* of the first case that was not counted, or NULL */
    guint64 dropped;      /* instructions that found no room */
};

/* ---- The begin ---- */

/* Each QEMU of the plan is asked once. */
static gboolean check_qemus(const Plan *plan, const char *qemu, const char *plugin,
                            GError **error) {
    g_autoptr(GHashTable) asked = g_hash_table_new_full(g_str_hash, g_str_equal, g_free, NULL);
    for (guint i = 0; i < plan->cases->len; i++) {
        const PlanCase *planned = plan->cases->pdata[i];
        g_autofree char *name =
            qemu ? g_strdup(qemu) : g_strconcat("qemu-system-", planned->gate_case->arch, NULL);
        if (planned->missing || planned->unsupported || g_hash_table_contains(asked, name))
            continue;
        if (!plugin_check(plugin, name, error)) return FALSE;
        g_hash_table_add(asked, g_steal_pointer(&name));
    }
    return TRUE;
}

gboolean run_coverage_open(const RunOptions *options, const Plan *plan, const char *out_root,
                           RunCoverage **ret, GError **error) {
    *ret = NULL;
    if (!options->coverage) return TRUE;
    g_autofree char *plugin = plugin_find(error);
    if (!plugin || !check_qemus(plan, options->qemu, plugin, error)) return FALSE;
    g_autoptr(GPtrArray) line_files =
        line_files_load((const char *const *)options->coverage_lines, error);
    if (!line_files || !coverage_make_folder(options->coverage, error)) return FALSE;
    g_autofree const char **ids = g_new0(const char *, plan->cases->len + 1);
    for (guint i = 0; i < plan->cases->len; i++)
        ids[i] = ((PlanCase *)plan->cases->pdata[i])->id;
    RunCoverage *coverage = *ret = g_new0(RunCoverage, 1);
    coverage->folder = options->coverage;
    coverage->plan = plan;
    coverage->plugin = g_steal_pointer(&plugin);
    coverage->coverage = coverage_new(plan_root(plan), ids);
    coverage->collector = collector_new(coverage->coverage);
    coverage->covered = covered_run_new(plan_root(plan));
    coverage->out_root = out_root;
    coverage->line_files = g_steal_pointer(&line_files);
    coverage->nameless = g_hash_table_new_full(g_str_hash, g_str_equal, g_free, NULL);
    return TRUE;
}

void run_coverage_free(RunCoverage *coverage) {
    collector_free(coverage->collector);
    covered_run_free(coverage->covered);
    g_ptr_array_unref(coverage->line_files);
    coverage_free(coverage->coverage);
    g_hash_table_unref(coverage->nameless);
    g_clear_error(&coverage->failed);
    g_free(coverage->plugin);
    g_free(coverage);
}

void run_coverage_set(const RunCoverage *coverage, AttemptOptions *attempts) {
    attempts->plugin = coverage->plugin;
    attempts->plugin_bytes = COUNTERS_FILE_BYTES;
}

/* ---- A case ---- */

static gboolean was_started(const GArray *spawns, const char *path) {
    for (guint i = 0; i < spawns->len; i++)
        if (g_strcmp0(g_array_index(spawns, Spawn, i).path, path) == 0) return TRUE;
    return FALSE;
}

static void clear_program(gpointer data) { g_bytes_unref(((CollectProgram *)data)->content); }

/* The file itself, and what has its lines. */
static void add_file(const RunCoverage *coverage, GArray *programs, const InputFile *file,
                     gboolean is_started) {
    CollectProgram program = {file->guest_path, g_bytes_ref(file->content), is_started};
    g_array_append_val(programs, program);
    for (guint i = 0; i < coverage->line_files->len; i++) {
        GBytes *line_file = coverage->line_files->pdata[i];
        if (!line_file_is_of(line_file, file->content)) continue;
        CollectProgram lines = {file->guest_path, g_bytes_ref(line_file), is_started};
        g_array_append_val(programs, lines);
    }
}

/* The kernel, if it has an ELF file, and the case's own files. */
static GArray *list_programs(RunCoverage *coverage, const char *symbols, const Attempt *attempt) {
    GArray *programs = g_array_new(FALSE, FALSE, sizeof(CollectProgram));
    g_array_set_clear_func(programs, clear_program);
    CollectProgram kernel = {symbols, fdio_load(symbols, NULL), TRUE};
    if (kernel.content)
        g_array_append_val(programs, kernel);
    else
        g_hash_table_add(coverage->nameless, g_strdup(symbols));
    g_autoptr(GArray) spawns = spawns_from_log(attempt->log);
    for (guint i = 0; attempt->inputs && i < attempt->inputs->files->len; i++) {
        const InputFile *file = attempt->inputs->files->pdata[i];
        add_file(coverage, programs, file, was_started(spawns, file->guest_path));
    }
    return programs;
}

static guint index_of(const RunCoverage *coverage, const PlanCase *planned) {
    guint index = 0;
    g_ptr_array_find(coverage->plan->cases, planned, &index);
    return index;
}

void run_coverage_add(RunCoverage *coverage, const PlanCase *planned, const Boot *boot,
                      const Attempt *attempt) {
    if (attempt->counters_fd < 0) return;
    g_autoptr(GError) error = NULL;
    g_autoptr(Counters) counters = counters_load(attempt->counters_fd, &error);
    if (!counters) {
        /* One that failed to start has said why. */
        if (!coverage->failed && attempt->verdict->kind != VERDICT_ERROR) {
            g_prefix_error(&error, "%s: ", planned->id);
            coverage->failed = g_steal_pointer(&error);
        }
        return;
    }
    g_autofree char *symbols = boot_symbols(boot);
    g_autoptr(GArray) programs = list_programs(coverage, symbols, attempt);
    coverage->dropped += counters->dropped;
    if (attempt->verdict->kind == VERDICT_PASS && counters->dropped == 0)
        covered_run_add(coverage->covered, planned, symbols, attempt->inputs);
    else
        covered_run_forget(coverage->covered, planned);
    collector_add(coverage->collector, index_of(coverage, planned), counters,
                  (const CollectProgram *)programs->data, programs->len,
                  planned->gate_case->smp <= 1);
}

/* ---- The end ---- */

static void warn(const RunCoverage *coverage) {
    g_autoptr(GList) nameless =
        g_list_sort(g_hash_table_get_keys(coverage->nameless), (GCompareFunc)strcmp);
    for (const GList *path = nameless; path; path = path->next)
        fprintf(stderr,
                "harness: no coverage of a kernel without %s; the key symbols names its ELF file\n",
                (const char *)path->data);
    if (coverage->dropped)
        fprintf(stderr,
                "harness: the coverage is not complete: %" G_GUINT64_FORMAT
                " translations of instructions found no room\n",
                coverage->dropped);
}

gboolean run_coverage_end(RunCoverage *coverage, FILE *out, CoverageTotals *ret, GError **error) {
    covered_run_keep(coverage->covered, coverage->plan, coverage->coverage, coverage->out_root);
    if (!coverage_write(coverage->coverage, coverage->folder, error)) return FALSE;
    CoverageTotals totals = coverage_totals(coverage->coverage);
    fprintf(out, "coverage: %u of %u lines, %u of %u functions; %s/index.html\n", totals.lines_hit,
            totals.lines, totals.functions_hit, totals.functions, coverage->folder);
    warn(coverage);
    *ret = totals;
    if (!coverage->failed) return TRUE;
    g_propagate_error(error, g_steal_pointer(&coverage->failed));
    return FALSE;
}
