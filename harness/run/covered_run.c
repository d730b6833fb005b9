#include "run/covered_run.h"
#include "attempt/ingredients.h"
#include "base/fdio.h"
#include "base/hash.h"
#include "run/covered.h"

struct _CoveredRun {
    char *root;
    SourceFiles *files;
    GHashTable *sources; /* hash of an ELF file -> Sources, or NULL */
    GHashTable *cases;   /* PlanCase -> Covered, or NULL */
};

static void free_sources(gpointer sources) {
    if (sources) sources_free(sources);
}

static void free_covered(gpointer covered) {
    if (covered) covered_free(covered);
}

CoveredRun *covered_run_new(const char *root) {
    CoveredRun *run = g_new0(CoveredRun, 1);
    run->root = g_strdup(root);
    run->files = source_files_new(root);
    run->sources = g_hash_table_new_full(g_str_hash, g_str_equal, g_free, free_sources);
    run->cases = g_hash_table_new_full(NULL, NULL, NULL, free_covered);
    return run;
}

void covered_run_free(CoveredRun *run) {
    source_files_free(run->files);
    g_hash_table_unref(run->sources);
    g_hash_table_unref(run->cases);
    g_free(run->root);
    g_free(run);
}

static void add_program(CoveredRun *run, Covered *covered, GBytes *content,
                        const FileStamp *stamp) {
    char *hash = hash_bytes(content);
    gpointer sources;
    if (!g_hash_table_lookup_extended(run->sources, hash, NULL, &sources)) {
        sources = sources_read(content, run->root);
        g_hash_table_insert(run->sources, g_strdup(hash), sources);
    }
    if (sources) covered_add_program(covered, run->files, hash, stamp->modified_ns, sources);
    g_free(hash);
}

void covered_run_add(CoveredRun *run, const PlanCase *planned, const char *symbols,
                     const Inputs *inputs) {
    Covered *covered = covered_new();
    FileStamp stamp;
    g_autoptr(GBytes) kernel = fdio_load_stamped(symbols, &stamp, NULL);
    if (kernel) add_program(run, covered, kernel, &stamp);
    for (guint i = 0; inputs && i < inputs->files->len; i++) {
        const InputFile *file = inputs->files->pdata[i];
        add_program(run, covered, file->content, &file->stamp);
    }
    g_hash_table_insert(run->cases, (gpointer)planned, covered);
}

void covered_run_forget(CoveredRun *run, const PlanCase *planned) {
    if (!g_hash_table_lookup(run->cases, planned))
        g_hash_table_insert(run->cases, (gpointer)planned, NULL);
}

void covered_run_keep(CoveredRun *run, const Plan *plan, const Coverage *coverage,
                      const char *out_root) {
    for (guint i = 0; i < plan->cases->len; i++) {
        const PlanCase *planned = plan->cases->pdata[i];
        gpointer covered;
        if (!g_hash_table_lookup_extended(run->cases, planned, NULL, &covered)) continue;
        g_autofree char *text = covered ? covered_text(covered, run->files, coverage, i) : NULL;
        ingredients_keep_covered(out_root, planned->label, planned->gate_case->name, text);
    }
}
