#include "record/record_diff.h"
#include <string.h>

/* A hash in a sentence. */
#define HASH_SHOWN 12
/* Causes after the first that are kept. */
#define ALSO_MAX 200

gboolean record_is_journal(const char *data, gsize length) {
    static const char begin[] = "{\"event\":\"run\",\"journal\":";
    return length >= strlen(begin) && memcmp(data, begin, strlen(begin)) == 0;
}

static void take(Diff **diff, Diff *found) {
    if (!*diff)
        *diff = found;
    else if ((*diff)->lines->len < ALSO_MAX)
        diff_also(*diff, found);
    else
        diff_free(found);
}

static const RecordFile *find_file(const RecordAttempt *attempt, const char *path) {
    for (guint i = 0; i < attempt->files->len; i++) {
        const RecordFile *file = attempt->files->pdata[i];
        if (strcmp(file->path, path) == 0) return file;
    }
    return NULL;
}

/* ---- What went in ---- */

static void find_text(Diff **diff, const char *what, const char *one, const char *other) {
    if (g_strcmp0(one, other) == 0) return;
    take(diff, diff_new("%s: %s against %s", what, one ? one : "none", other ? other : "none"));
}

/* What surrounds all cases. */
static void find_surroundings(Diff **diff, const Record *a, const Record *b) {
    g_autofree char *options_a = a->options ? g_strjoinv(" ", a->options) : NULL;
    g_autofree char *options_b = b->options ? g_strjoinv(" ", b->options) : NULL;
    find_text(diff, "the kernel, sha256", a->kernel_sha256, b->kernel_sha256);
    find_text(diff, "QEMU", a->qemu_version, b->qemu_version);
    find_text(diff, "the harness", a->harness, b->harness);
    find_text(diff, "the options", options_a, options_b);
    find_text(diff, "the confinement", a->confinement, b->confinement);
}

/* ---- What came out ---- */

static void find_files(Diff **diff, const char *id, const RecordAttempt *a,
                       const RecordAttempt *b) {
    for (guint i = 0; i < a->files->len; i++) {
        const RecordFile *one = a->files->pdata[i], *other = find_file(b, one->path);
        if (!other)
            take(diff, diff_new("case %s: the file %s is only in A", id, one->path));
        else if (strcmp(one->sha256, other->sha256) != 0)
            take(diff,
                 diff_new(
                     "case %s: the file %s differs, sha256 %.*s against %.*s (%" G_GUINT64_FORMAT
                     " against %" G_GUINT64_FORMAT " bytes)",
                     id, one->path, HASH_SHOWN, one->sha256, HASH_SHOWN, other->sha256, one->size,
                     other->size));
    }
    for (guint i = 0; i < b->files->len; i++) {
        const RecordFile *file = b->files->pdata[i];
        if (!find_file(a, file->path))
            take(diff, diff_new("case %s: the file %s is only in B", id, file->path));
    }
}

static void find_spawns(Diff **diff, const char *id, const RecordAttempt *a,
                        const RecordAttempt *b) {
    for (guint i = 0; i < MIN(a->spawns->len, b->spawns->len); i++) {
        const RecordSpawn *one = a->spawns->pdata[i], *other = b->spawns->pdata[i];
        g_autofree char *command_a = record_command(one), *command_b = record_command(other);
        g_autofree char *exit_a = record_exit(one), *exit_b = record_exit(other);
        if (strcmp(command_a, command_b) != 0) {
            take(diff,
                 diff_new("case %s: program %u is %s against %s", id, i + 1, command_a, command_b));
            return;
        }
        if (strcmp(exit_a, exit_b) == 0) continue;
        take(diff, diff_new("case %s: program %u, %s: %s against %s", id, i + 1, command_a, exit_a,
                            exit_b));
        return;
    }
    if (a->spawns->len != b->spawns->len)
        take(diff, diff_new("case %s: %u programs against %u", id, a->spawns->len, b->spawns->len));
}

static void find_verdict(Diff **diff, const char *id, const RecordAttempt *a,
                         const RecordAttempt *b) {
    const RecordAttempt *worse = b->verdict != VERDICT_PASS ? b : a;
    if (a->verdict == b->verdict) return;
    const RecordFinding *finding = worse->findings->len ? worse->findings->pdata[0] : NULL;
    take(diff,
         diff_new("case %s: %s against %s%s%s", id, verdict_name(a->verdict),
                  verdict_name(b->verdict), finding ? ", " : "", finding ? finding->text : ""));
}

static void find_case(Diff **diff, const RecordCase *a, const RecordCase *b) {
    const RecordAttempt *one = record_result(a), *other = record_result(b);
    find_files(diff, a->id, one, other);
    find_verdict(diff, a->id, one, other);
    /* A result of the cache has no programs. */
    if (!record_is_cached(one) && !record_is_cached(other)) find_spawns(diff, a->id, one, other);
}

Diff *record_diff(const Record *a, const Record *b) {
    Diff *diff = NULL, *around = NULL;
    for (guint i = 0; i < a->cases->len; i++) {
        const RecordCase *one = a->cases->pdata[i], *other = record_find_case(b, one->id);
        if (other)
            find_case(&diff, one, other);
        else
            take(&diff, diff_new("case %s is only in A", one->id));
    }
    for (guint i = 0; i < b->cases->len; i++) {
        const RecordCase *c = b->cases->pdata[i];
        if (!record_find_case(a, c->id)) take(&diff, diff_new("case %s is only in B", c->id));
    }
    find_surroundings(&around, a, b);
    if (!diff) return around;
    if (!around) return diff;
    /* What went in comes first among the lines. */
    for (guint i = 0; i < around->lines->len; i++)
        g_ptr_array_insert(diff->lines, (gint)i, g_strdup(around->lines->pdata[i]));
    g_ptr_array_insert(diff->lines, 0, g_strconcat("also: ", around->cause, NULL));
    diff_free(around);
    return diff;
}
