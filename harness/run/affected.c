#include "run/affected.h"
#include "base/fdio.h"
#include "base/text.h"
#include "base/usage.h"
#include "run/affected_case.h"
#include <string.h>
#include <unistd.h>

void affected_free(Affected *affected) {
    g_ptr_array_unref(affected->reasons);
    g_ptr_array_unref(affected->unknown);
    g_free(affected);
}

/* ---- The files ---- */

static gboolean add_lines(GPtrArray *paths, GError **error) {
    g_autoptr(GBytes) bytes = fdio_read_all(STDIN_FILENO, "--affected: standard input", error);
    if (!bytes) return FALSE;
    gsize size;
    const char *data = g_bytes_get_data(bytes, &size);
    g_autofree char *text = g_strndup(size ? data : "", size);
    g_auto(GStrv) lines = g_strsplit(text, "\n", -1);
    for (char **line = lines; *line; line++)
        if (**line) g_ptr_array_add(paths, g_strdup(*line));
    return TRUE;
}

static GPtrArray *read_paths(const char *const *given, GError **error) {
    g_autoptr(GPtrArray) paths = g_ptr_array_new_with_free_func(g_free);
    for (; *given; given++) {
        if (strcmp(*given, "-") != 0)
            g_ptr_array_add(paths, g_strdup(*given));
        else if (!add_lines(paths, error))
            return NULL;
    }
    for (guint i = 0; i < paths->len; i++)
        if (g_file_test(paths->pdata[i], G_FILE_TEST_IS_DIR)) {
            usage_error(error,
                        "--affected %s: a folder; name the files in it that changed, as git diff "
                        "--name-only does",
                        (char *)paths->pdata[i]);
            return NULL;
        }
    g_ptr_array_add(paths, NULL);
    return g_steal_pointer(&paths);
}

/* ---- The graph ---- */

static gboolean follow(Affected *affected, guint index, const PlanCase *from, guint from_index) {
    char **reason = (char **)&affected->reasons->pdata[index];
    if (*reason || !affected->reasons->pdata[from_index]) return FALSE;
    *reason = g_strdup_printf("it follows from %s", from->id);
    return TRUE;
}

/* A case and its counterpart must leave equal files, so that both run. */
static gboolean follow_once(Affected *affected, const Plan *plan) {
    gboolean moved = FALSE;
    for (guint i = 0; i < plan->cases->len; i++) {
        const PlanCase *planned = plan->cases->pdata[i];
        for (guint k = 0; k < planned->needs->len; k++) {
            guint need = g_array_index(planned->needs, guint, k);
            moved |= follow(affected, i, plan->cases->pdata[need], need);
        }
        if (planned->counterpart < 0) continue;
        guint other = (guint)planned->counterpart;
        moved |= follow(affected, i, plan->cases->pdata[other], other);
        moved |= follow(affected, other, planned, i);
    }
    return moved;
}

static void find_unknown(Affected *affected, const AffectedFiles *files, const GPtrArray *paths) {
    for (guint i = 0; i + 1 < paths->len; i++)
        if (!g_hash_table_contains(files->known, paths->pdata[i]))
            g_ptr_array_add(affected->unknown, g_strdup(paths->pdata[i]));
    for (guint i = 0; affected->unknown->len > 0 && i < affected->reasons->len; i++)
        if (!affected->reasons->pdata[i])
            affected->reasons->pdata[i] =
                g_strdup_printf("nothing is known of %s", (char *)affected->unknown->pdata[0]);
}

Affected *affected_find(const Plan *plan, const AffectedOptions *options, GError **error) {
    g_autoptr(GPtrArray) paths = read_paths(options->paths, error);
    if (!paths) return NULL;
    g_autoptr(AffectedFiles) files =
        affected_files_new(plan_root(plan), (const char *const *)paths->pdata);
    files->seed_kernel = options->seed_kernel;
    files->out_root = options->out_root;
    Affected *affected = g_new0(Affected, 1);
    affected->files = paths->len - 1;
    affected->unknown = g_ptr_array_new_with_free_func(g_free);
    affected->reasons = g_ptr_array_new_with_free_func(g_free);
    g_ptr_array_set_size(affected->reasons, (gint)plan->cases->len);
    g_autofree gboolean *spared = g_new0(gboolean, plan->cases->len + 1);
    for (guint i = 0; affected->files > 0 && i < plan->cases->len; i++)
        affected->reasons->pdata[i] = affected_case(files, plan->cases->pdata[i], &spared[i]);
    find_unknown(affected, files, paths);
    while (follow_once(affected, plan))
        continue;
    for (guint i = 0; i < plan->cases->len; i++)
        affected->spared += (guint)(spared[i] && !affected->reasons->pdata[i] &&
                                    ((PlanCase *)plan->cases->pdata[i])->requested);
    return affected;
}

/* ---- What comes of it ---- */

static void print_left_out(const Affected *affected, guint left, FILE *out) {
    fprintf(out, " %u left out: ", left);
    if (left > affected->spared)
        fprintf(out, "%u read none of the files%s", left - affected->spared,
                affected->spared ? ", " : "");
    if (affected->spared)
        fprintf(out, "%u ran none of their code when they were last covered", affected->spared);
}

void affected_print(const Affected *affected, const Plan *plan, gboolean names, FILE *out) {
    guint all = 0, left = 0;
    for (guint i = 0; i < plan->cases->len; i++) {
        gboolean is_requested = ((PlanCase *)plan->cases->pdata[i])->requested;
        all += (guint)is_requested;
        left += (guint)(is_requested && !affected->reasons->pdata[i]);
    }
    fprintf(out, "harness: --affected: %u of %u cases", all - left, all);
    if (affected->files == 0) fprintf(out, ", as no file is named");
    if (affected->unknown->len > 0)
        fprintf(out, ", since no input and no program of theirs is known to be made from %s%s",
                (char *)affected->unknown->pdata[0],
                affected->unknown->len > 1 ? " and others" : "");
    if (left > 0 && affected->files > 0) {
        fputs(";", out);
        print_left_out(affected, left, out);
    }
    fputs("\n", out);
    for (guint i = 0; names && i < plan->cases->len; i++) {
        const PlanCase *planned = plan->cases->pdata[i];
        if (planned->requested && !affected->reasons->pdata[i])
            fprintf(out, "harness: left out: %s\n", planned->id);
    }
}

void affected_keep(const Affected *affected, Plan *plan) {
    for (guint i = 0; i < plan->cases->len; i++)
        ((PlanCase *)plan->cases->pdata[i])->requested &= affected->reasons->pdata[i] != NULL;
    plan_keep_requested(plan);
}
