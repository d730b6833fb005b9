#include "run/why.h"
#include "attempt/cache_files.h"
#include "attempt/ingredients.h"
#include "base/error.h"
#include "base/fdio.h"
#include "base/hash.h"
#include "gate/gate_case.h"
#include "gate/plan.h"
#include "record/journal_store.h"
#include "record/record_read.h"
#include "run/run_cache.h"
#include <string.h>

/* Characters of a hash or line that a sentence shows. */
#define SHOWN 12
/* Lines that tell the command and the changes beside the first. */
#define ALSO_MAX 4

typedef struct {
    const Plan *plan;
    const char *out_root;
    const Record *record; /* or NULL */
    GPtrArray *chain;     /* of char *: who read what of whom, from the case on backwards */
} Why;

/* Something that went in: `then` or `now` is NULL where it did not. */
typedef struct {
    const char *name, *then, *now;
    guint rank;
} Change;

/* ---- What changed ---- */

/* The line of the gate file that gives an input file, or NULL; free with g_free. */
static char *source_of(const GateCase *c, const char *guest_path) {
    g_autoptr(GPtrArray) lines = gate_case_lines(c, 0);
    for (guint i = 0; i < lines->len; i++) {
        const char *line = lines->pdata[i];
        gboolean is_tree = g_str_has_prefix(line, "tree ");
        if (!is_tree && !g_str_has_prefix(line, "file ")) continue;
        g_auto(GStrv) sides = g_strsplit(line + strlen("file "), " = ", 2);
        if (g_strv_length(sides) != 2) continue;
        gsize length = strlen(sides[0]);
        if (is_tree ? strncmp(guest_path, sides[0], length) == 0 && guest_path[length] == '/'
                    : strcmp(guest_path, sides[0]) == 0)
            return g_strconcat(sides[1], is_tree ? guest_path + length : "", NULL);
    }
    return NULL;
}

/* What people change comes first, then what follows from other cases, and what every build changes
 * last. */
static guint rank_of(const PlanCase *planned, const char *name) {
    static const char *const order[] = {"input ", "key",      "expect ", "kernel",
                                        "K0",     "firmware", "dtb"};
    enum { MADE = G_N_ELEMENTS(order) + 1 };
    if (g_str_has_prefix(name, "input ")) {
        g_autofree char *source = source_of(planned->gate_case, name + strlen("input "));
        return source && strstr(source, "out:") ? MADE : 0;
    }
    for (guint i = 1; i < G_N_ELEMENTS(order); i++)
        if (g_str_has_prefix(name, order[i])) return i;
    return strcmp(name, "harness") == 0 ? MADE + 3
           : strcmp(name, "qemu") == 0  ? MADE + 1
                                        : MADE + 2;
}

static gboolean is_made(const PlanCase *planned, const Change *change) {
    return g_str_has_prefix(change->name, "input ") && rank_of(planned, change->name) > 0;
}

static void add_change(GArray *changes, const PlanCase *planned, const char *name, const char *then,
                       const char *now) {
    Change change = {name, then, now, rank_of(planned, name)};
    g_array_append_val(changes, change);
}

static gboolean has_line(const GPtrArray *ingredients, const char *line) {
    for (guint i = 0; i < ingredients->len; i++) {
        const Ingredient *ingredient = ingredients->pdata[i];
        if (strcmp(ingredient->name, "key") == 0 && strcmp(ingredient->value, line) == 0)
            return TRUE;
    }
    return FALSE;
}

/* The line of a gate file in whose place `like` is: "argv = x" for "argv = y". Of a key with
 * several lines, one that the other side, `own`, does not have. */
static const char *find_line(const GPtrArray *ingredients, const char *like, const GPtrArray *own) {
    const char *end = strstr(like, " = ");
    gsize length = end ? (gsize)(end - like) + 3 : strlen(like);
    if (has_line(ingredients, like)) return like;
    for (guint i = 0; i < ingredients->len; i++) {
        const Ingredient *ingredient = ingredients->pdata[i];
        if (strcmp(ingredient->name, "key") == 0 && strncmp(ingredient->value, like, length) == 0 &&
            !has_line(own, ingredient->value))
            return ingredient->value;
    }
    return NULL;
}

static const char *find(const GPtrArray *ingredients, const Ingredient *like,
                        const GPtrArray *own) {
    return strcmp(like->name, "key") == 0 ? find_line(ingredients, like->value, own)
                                          : ingredients_find(ingredients, like->name);
}

static gint compare_ranks(gconstpointer a, gconstpointer b) {
    return (gint)((const Change *)a)->rank - (gint)((const Change *)b)->rank;
}

static GArray *find_changes(const PlanCase *planned, const GPtrArray *then, const GPtrArray *now) {
    GArray *changes = g_array_new(FALSE, FALSE, sizeof(Change));
    for (guint i = 0; i < now->len; i++) {
        const Ingredient *ingredient = now->pdata[i];
        const char *before = find(then, ingredient, now);
        if (g_strcmp0(before, ingredient->value) != 0)
            add_change(changes, planned, ingredient->name, before, ingredient->value);
    }
    for (guint i = 0; i < then->len; i++) {
        const Ingredient *ingredient = then->pdata[i];
        if (!find(now, ingredient, then))
            add_change(changes, planned, ingredient->name, ingredient->value, NULL);
    }
    g_array_sort(changes, compare_ranks);
    return changes;
}

/* The first line of a long value that differs: QEMU's identity lists its files. */
static char *show_value(const char *value, const char *other) {
    if (!value) return g_strdup("none");
    if (strlen(value) == HASH_HEX_SIZE - 1) return g_strdup_printf("sha256 %.*s", SHOWN, value);
    g_auto(GStrv) lines = g_strsplit(value, "\n", -1),
                  others = g_strsplit(other ? other : "", "\n", -1);
    for (char **line = lines; *line; line++)
        if (!g_strv_contains((const char *const *)others, *line)) return g_strndup(*line, 80);
    return g_strndup(value, 80);
}

static Diff *describe(const PlanCase *planned, const Change *change) {
    g_autofree char *then = show_value(change->then, change->now);
    g_autofree char *now = show_value(change->now, change->then);
    g_autofree char *source = g_str_has_prefix(change->name, "input ")
                                  ? source_of(planned->gate_case, change->name + strlen("input "))
                                  : NULL;
    const char *what = strcmp(change->name, "key") == 0 ? "the gate file" : change->name;
    return diff_new("%s: %s%s%s%s changed: %s at the last pass, %s now", planned->id, what,
                    source ? " (" : "", source ? source : "", source ? ")" : "", then, now);
}

/* ---- Back through the gates ---- */

/* The case that made the file of a source, and its path there; or NULL. */
static const PlanCase *find_maker(const Why *why, const char *source, char **ret_path) {
    const char *at = strstr(source, "out:");
    if (!at) return NULL;
    at += strlen("out:");
    for (guint i = 0; i < why->plan->cases->len; i++) {
        const PlanCase *planned = why->plan->cases->pdata[i];
        /* A source names the gate, whatever driver it ran on. */
        g_autofree char *id = g_strconcat(planned->gate->name, "/", planned->gate_case->name, NULL);
        gsize length = strlen(id);
        if (strncmp(at, id, length) != 0 || at[length] != '/') continue;
        *ret_path = g_strndup(at + length, strcspn(at + length, " "));
        return planned;
    }
    return NULL;
}

static Diff *trace(Why *why, const PlanCase *planned);

/* An input that another case made: the cause is there. */
static Diff *trace_maker(Why *why, const PlanCase *planned, const Change *change) {
    const char *path = change->name + strlen("input ");
    g_autofree char *source = source_of(planned->gate_case, path), *made = NULL;
    const PlanCase *maker = source ? find_maker(why, source, &made) : NULL;
    if (!maker) return NULL;
    g_ptr_array_add(why->chain,
                    g_strdup_printf("%s reads it as %s, sha256 %.*s instead of %.*s", planned->id,
                                    path, SHOWN, change->now ? change->now : "none", SHOWN,
                                    change->then ? change->then : "none"));
    Diff *diff = trace(why, maker);
    g_ptr_array_add(why->chain, g_strdup_printf("%s makes another %s", maker->id, made));
    return diff;
}

static Diff *trace(Why *why, const PlanCase *planned) {
    const char *name = planned->gate_case->name;
    g_autoptr(GPtrArray) pass =
        ingredients_load(why->out_root, planned->label, name, INGREDIENTS_PASS);
    g_autoptr(GPtrArray) fail =
        ingredients_load(why->out_root, planned->label, name, INGREDIENTS_FAIL);
    g_autoptr(GPtrArray) before =
        ingredients_load(why->out_root, planned->label, name, INGREDIENTS_BEFORE);
    const GPtrArray *now = fail ? fail : pass, *then = fail ? pass : before;
    if (!now || !then)
        return diff_new("%s: no earlier pass is on record in %s, so that nothing can be compared; "
                        "run it where it "
                        "passes, then again",
                        planned->id, why->out_root);
    g_autoptr(GArray) changes = find_changes(planned, then, now);
    if (changes->len == 0)
        return diff_new("%s: nothing that goes in has changed since it passed: the same inputs, "
                        "kernel, QEMU and "
                        "options gave another result (it is flaky, or depends on the host)",
                        planned->id);
    const Change *first = &g_array_index(changes, Change, 0);
    Diff *diff = is_made(planned, first) ? trace_maker(why, planned, first) : NULL;
    guint from = diff ? 0 : 1;
    if (!diff) diff = describe(planned, first);
    for (guint i = from; i < MIN(changes->len, from + ALSO_MAX); i++)
        if (!is_made(planned, &g_array_index(changes, Change, i)))
            diff_also(diff, describe(planned, &g_array_index(changes, Change, i)));
    return diff;
}

/* ---- What came of it ---- */

static void add_command(const RecordAttempt *attempt, Diff *diff) {
    for (guint i = 0; i < attempt->spawns->len; i++) {
        if (i > 0 && i + 1 < attempt->spawns->len) continue;
        g_autofree char *command = record_command(attempt->spawns->pdata[i]);
        diff_line(diff, "%s: %.200s", i == 0 ? "command" : "its last program", command);
    }
}

/* Whether a file has one of two hashes, as a word. */
static const char *agrees(const char *path, const char *expected, const char *actual) {
    g_autoptr(GBytes) bytes = fdio_load(path, NULL);
    g_autofree char *hash = bytes ? hash_bytes(bytes) : NULL;
    return !hash                            ? NULL
           : g_strcmp0(hash, expected) == 0 ? "has what was expected"
           : g_strcmp0(hash, actual) == 0   ? "has the new bytes, too"
                                            : "has other bytes than both";
}

static const char *hash_of(const char *text) {
    return text && g_str_has_prefix(text, "sha256 ") ? text + strlen("sha256 ") : NULL;
}

static void add_witnesses(const Why *why, const PlanCase *planned, const RecordFinding *finding,
                          Diff *diff) {
    const char *expected = hash_of(finding->expected), *actual = hash_of(finding->actual);
    g_autofree char *cache = run_cache_folder(NULL, plan_root(why->plan));
    if (!expected || !actual) return;
    g_autofree char *object = cache ? cache_files_path(cache, CACHE_OBJECTS, expected) : NULL;
    const char *kept = object ? agrees(object, expected, actual) : NULL;
    diff_line(diff, "the cache %s", kept ? kept : "does not have what was expected");
    for (Driver driver = DRIVER_SEED; driver < DRIVERS; driver++) {
        g_autofree char *label = driver_label(driver, planned->gate->name);
        g_autofree char *path =
            driver_output_path(why->out_root, label, planned->gate_case->name, finding->guest_path);
        const char *has = driver == planned->driver ? NULL : agrees(path, expected, actual);
        if (has) diff_line(diff, "the driver %s %s", driver_name(driver), has);
    }
}

static void add_finding(const Why *why, const PlanCase *planned, const RecordFinding *finding,
                        Diff *diff) {
    diff_line(diff, "%s: %s", planned->id, finding->text);
    if (finding->expected) diff_line(diff, "    expected %s", finding->expected);
    if (finding->actual) diff_line(diff, "    actual   %s", finding->actual);
    g_auto(GStrv) lines = g_strsplit(finding->difference ? finding->difference : "", "\n", -1);
    for (char **line = lines; *line; line++)
        if (g_str_has_prefix(*line, "the cause: ") || g_str_has_prefix(*line, "to see more: "))
            diff_line(diff, "    %s", *line);
    if (finding->guest_path) add_witnesses(why, planned, finding, diff);
}

static const RecordAttempt *find_attempt(const Why *why, const PlanCase *planned) {
    const RecordCase *c = why->record ? record_find_case(why->record, planned->id) : NULL;
    return c && c->attempts->len ? record_result(c) : NULL;
}

static gboolean has_failed(const Why *why, const PlanCase *planned) {
    g_autoptr(GPtrArray) fail =
        ingredients_load(why->out_root, planned->label, planned->gate_case->name, INGREDIENTS_FAIL);
    return fail != NULL;
}

/* The case itself, or of those that it needs the first that failed; NULL if none did. */
static const PlanCase *find_failed(Why *why, const PlanCase *planned) {
    for (guint i = 0; i < why->plan->cases->len; i++) {
        const PlanCase *other = why->plan->cases->pdata[i];
        if (!has_failed(why, other)) continue;
        if (other != planned)
            g_ptr_array_add(why->chain,
                            g_strdup_printf("%s needs %s, which failed", planned->id, other->id));
        return other;
    }
    return NULL;
}

/* Of a run without a cache only the journal tells. */
static Diff *without_record(const Why *why, const PlanCase *planned) {
    for (guint i = 0; i < why->plan->cases->len; i++) {
        const PlanCase *other = why->plan->cases->pdata[i];
        const RecordAttempt *attempt = find_attempt(why, other);
        if (!attempt || attempt->verdict == VERDICT_PASS || attempt->verdict == VERDICT_SKIP)
            continue;
        const RecordFinding *finding = attempt->findings->len ? attempt->findings->pdata[0] : NULL;
        Diff *diff = diff_new("%s: %s%s%s", other->id, verdict_name(attempt->verdict),
                              finding ? ", " : "", finding ? finding->text : "");
        if (other != planned) diff_line(diff, "%s needs it", planned->id);
        diff_line(diff, "what went in is not on record: it is kept where a case runs with a cache");
        return diff;
    }
    return NULL;
}

static Diff *explain(Why *why, const PlanCase *planned) {
    const PlanCase *failed = find_failed(why, planned);
    if (!failed) return without_record(why, planned);
    Diff *diff = trace(why, failed);
    for (guint i = why->chain->len; i > 0; i--)
        diff_line(diff, "%s", (char *)why->chain->pdata[i - 1]);
    const RecordAttempt *attempt = find_attempt(why, failed);
    if (!attempt) return diff;
    for (guint i = 0; i < MIN(attempt->findings->len, 2); i++)
        add_finding(why, failed, attempt->findings->pdata[i], diff);
    add_command(attempt, diff);
    return diff;
}

/* ---- The case ---- */

static gboolean refuse_case(const char *id, GError **error) {
    g_set_error(error, HARNESS_ERROR, HARNESS_ERROR_USAGE,
                "--why needs a case, GATE/CASE or GATE@linux/CASE, not %s; harness list shows all",
                id);
    return FALSE;
}

/* The plan of a case and what it needs, on a driver; `id` is "GATE/CASE". Its last case is that
 * one. */
static Plan *plan_case(const char *id, Driver driver, GError **error) {
    const char *const paths[] = {id, NULL};
    g_autoptr(Plan) plan = plan_new(paths, error);
    if (!plan) return NULL;
    plan_keep_requested(plan);
    if (driver != DRIVER_SEED) plan_drive(plan, driver == DRIVER_HEX ? PLAN_HEX : PLAN_LINUX);
    const PlanCase *planned = plan->cases->len ? plan->cases->pdata[plan->cases->len - 1] : NULL;
    g_autofree char *found =
        planned ? g_strconcat(planned->gate->name, "/", planned->gate_case->name, NULL) : NULL;
    if (g_strcmp0(found, id) == 0) return g_steal_pointer(&plan);
    refuse_case(id, error);
    return NULL;
}

static gboolean why_on(const char *id, Driver driver, const WhyOptions *options, Diff **ret,
                       GError **error) {
    g_autoptr(Plan) plan = plan_case(id, driver, error);
    if (!plan) return FALSE;
    const PlanCase *planned = plan->cases->pdata[plan->cases->len - 1];
    g_autofree char *out = options->out_root ? g_strdup(options->out_root)
                                             : g_build_filename(plan_root(plan), "build/out", NULL);
    g_autofree char *journals = g_build_filename(plan_root(plan), "build/journal", NULL);
    g_autofree char *journal =
        options->journal ? g_strdup(options->journal) : journal_store_newest(journals, NULL);
    g_autoptr(Record) record =
        journal ? record_load(journal, options->journal ? error : NULL) : NULL;
    if (options->journal && !record) return FALSE;
    Why why = {plan, out, record, g_ptr_array_new_with_free_func(g_free)};
    *ret = explain(&why, planned);
    g_ptr_array_unref(why.chain);
    return TRUE;
}

gboolean why_case(const char *id, const WhyOptions *options, Diff **ret, GError **error) {
    const char *slash = strrchr(id, '/');
    if (!slash) return refuse_case(id, error);
    g_autofree char *label = g_strndup(id, (gsize)(slash - id)), *gate = NULL;
    Driver driver = driver_of_label(label, &gate);
    g_autofree char *plain = g_strconcat(gate, slash, NULL);
    if (driver == DRIVER_MADE) return refuse_case(id, error);
    if (!why_on(plain, driver, options, ret, error)) return FALSE;
    /* Where no driver is named, Linux is asked when the seed kernel has nothing to say. */
    return *ret || strcmp(plain, id) != 0 || why_on(plain, DRIVER_LINUX, options, ret, error);
}
