#include "gate/plan.h"
#include "base/error.h"
#include "base/mistakes.h"
#include "base/text.h"
#include <string.h>

void plan_free(Plan *plan) {
    g_ptr_array_unref(plan->cases);
    g_ptr_array_unref(plan->gates);
    g_hash_table_unref(plan->goldens);
    g_hash_table_unref(plan->wrong);
    g_free(plan->made_path);
    g_free(plan);
}

const char *plan_root(const Plan *plan) { return ((const Gate *)plan->gates->pdata[0])->root; }

static const Gate *find_gate(const Plan *plan, const char *name) {
    for (guint i = 0; i < plan->gates->len; i++) {
        const Gate *gate = plan->gates->pdata[i];
        if (strcmp(gate->name, name) == 0) return gate;
    }
    return NULL;
}

static PlanCase *find_case(const Plan *plan, const char *gate_name, const char *case_name,
                           guint *ret_index) {
    for (guint i = 0; i < plan->cases->len; i++) {
        PlanCase *planned = plan->cases->pdata[i];
        if (strcmp(planned->gate->name, gate_name) == 0 &&
            strcmp(planned->gate_case->name, case_name) == 0) {
            *ret_index = i;
            return planned;
        }
    }
    return NULL;
}

static gboolean add_source_needs(const Plan *plan, PlanCase *planned, const GPtrArray *source,
                                 GError **error) {
    for (guint i = 0; source && i < source->len; i++) {
        const SourcePart *part = source->pdata[i];
        const char *gate_name, *path;
        g_autofree char *case_name = NULL;
        guint index;
        if (part->kind != SOURCE_OUT) continue;
        if (!gate_resolve_out(planned->gate, part, &gate_name, &case_name, &path, error))
            return FALSE;
        if (!find_case(plan, gate_name, case_name, &index))
            return diag_error(error, &planned->gate->file, part->span, "gate %s has no case \"%s\"",
                              gate_name, case_name);
        g_array_append_val(planned->needs, index);
    }
    return TRUE;
}

static gboolean add_case(Plan *plan, const Gate *gate, const GateCase *c, Golden *golden,
                         gboolean requested, GError **error) {
    PlanCase *planned = g_new0(PlanCase, 1);
    planned->gate = gate;
    planned->gate_case = c;
    planned->golden = golden;
    planned->requested = requested;
    planned->needs = g_array_new(FALSE, FALSE, sizeof(guint));
    plan_case_set_driver(planned, DRIVER_SEED);
    planned->counterpart = -1;
    g_ptr_array_add(plan->cases, planned);
    g_autoptr(GPtrArray) sources = gate_case_sources(c);
    for (guint i = 0; i < sources->len; i++)
        if (!add_source_needs(plan, planned, sources->pdata[i], error)) return FALSE;
    return TRUE;
}

/* Marks the cases of a gate that was read only because another needs it. */
static void request_gate(Plan *plan, const Gate *gate) {
    for (guint i = 0; i < plan->cases->len; i++) {
        PlanCase *planned = plan->cases->pdata[i];
        planned->requested |= planned->gate == gate;
    }
}

/* The gates whose needs are being read, innermost first, to detect cycles. */
typedef struct Open {
    const char *name;
    const struct Open *outer;
} Open;

static gboolean add_gate(Plan *plan, const char *path, gboolean requested, const Open *outer,
                         GError **error);

/* A gate with mistakes is not read and reported again. */
static Gate *load_gate(Plan *plan, const char *path, GError **error) {
    g_autofree char *absolute = g_canonicalize_filename(path, NULL);
    if (g_hash_table_contains(plan->wrong, absolute)) {
        g_set_error_literal(error, HARNESS_ERROR, HARNESS_ERROR_GATE, "");
        return NULL;
    }
    return gate_load(path, error);
}

static gboolean add_needs(Plan *plan, const Gate *gate, const Open *outer, GError **error) {
    Open open = {gate->name, outer};
    for (char **need = gate->needs; need && *need; need++) {
        g_autofree char *file = g_strdup_printf("%s/gates/%s.gate", gate->root, *need);
        if (add_gate(plan, file, FALSE, &open, error)) continue;
        if (g_error_matches(*error, HARNESS_ERROR, HARNESS_ERROR_USAGE)) {
            /* A missing gate is a mistake in the gate that needs it. */
            (*error)->code = HARNESS_ERROR_GATE;
            g_prefix_error(error, "%s: needs %s: ", gate->path, *need);
        } else if (g_error_matches(*error, HARNESS_ERROR, HARNESS_ERROR_GATE))
            g_hash_table_add(plan->wrong, g_steal_pointer(&file));
        return FALSE;
    }
    return TRUE;
}

static gboolean add_gate(Plan *plan, const char *path, gboolean requested, const Open *outer,
                         GError **error) {
    g_autoptr(Gate) gate = load_gate(plan, path, error);
    if (!gate) return FALSE;
    for (const Open *open = outer; open; open = open->outer) {
        if (strcmp(open->name, gate->name) == 0) {
            g_set_error(error, HARNESS_ERROR, HARNESS_ERROR_GATE,
                        "%s: gate %s needs itself through %s", path, gate->name, outer->name);
            return FALSE;
        }
    }
    const Gate *known = find_gate(plan, gate->name);
    if (known && strcmp(known->root, gate->root) == 0) {
        if (requested) request_gate(plan, known);
        return TRUE;
    }
    if (plan->gates->len > 0 && strcmp(plan_root(plan), gate->root) != 0) {
        g_set_error(error, HARNESS_ERROR, HARNESS_ERROR_USAGE,
                    "%s is below %s, other gates are below %s: run them separately", path,
                    gate->root, plan_root(plan));
        return FALSE;
    }
    if (!add_needs(plan, gate, outer, error)) return FALSE;
    Golden *golden = golden_load(gate->golden_path, error);
    if (!golden) return FALSE;
    const Gate *added = gate;
    g_hash_table_insert(plan->goldens, g_strdup(gate->name), golden);
    g_ptr_array_add(plan->gates, g_steal_pointer(&gate));
    for (guint i = 0; i < added->cases->len; i++)
        if (!add_case(plan, added, added->cases->pdata[i], golden, requested, error)) return FALSE;
    return TRUE;
}

/* Adds a gate from the command line; FALSE and *error for errors other than mistakes in gates. */
static gboolean add_named(Plan *plan, const char *path, gboolean requested, GPtrArray *mistakes,
                          GError **error) {
    GError *failed = NULL;
    if (add_gate(plan, path, requested, NULL, &failed)) return TRUE;
    if (!g_error_matches(failed, HARNESS_ERROR, HARNESS_ERROR_GATE)) {
        g_propagate_error(error, failed);
        return FALSE;
    }
    g_hash_table_add(plan->wrong, g_canonicalize_filename(path, NULL));
    if (*failed->message)
        mistakes_take(mistakes, failed);
    else
        g_error_free(failed);
    return TRUE;
}

static gboolean add_folder(Plan *plan, const char *path, GPtrArray *mistakes, GError **error) {
    g_autoptr(GError) failed = NULL;
    g_autoptr(GDir) dir = g_dir_open(path, 0, &failed);
    g_autoptr(GPtrArray) files = g_ptr_array_new_with_free_func(g_free);
    for (const char *name; dir && (name = g_dir_read_name(dir));)
        if (g_str_has_suffix(name, ".gate"))
            g_ptr_array_add(files, g_build_filename(path, name, NULL));
    g_ptr_array_sort(files, text_compare_names);
    if (files->len == 0) {
        g_set_error(error, HARNESS_ERROR, HARNESS_ERROR_USAGE, "%s: %s", path,
                    failed ? failed->message : "no *.gate files in this folder");
        return FALSE;
    }
    for (guint i = 0; i < files->len; i++)
        if (!add_named(plan, files->pdata[i], TRUE, mistakes, error)) return FALSE;
    return TRUE;
}

/* ---- Names from the command line ---- */

static char *gate_file(const char *name) { return g_strdup_printf("gates/%s.gate", name); }

static gboolean is_file(const char *path) { return g_file_test(path, G_FILE_TEST_IS_REGULAR); }

/* "GATE/CASE": *ret_gate_name and *ret_file, or FALSE if there is no such gate. */
static gboolean split_case(const char *word, char **ret_gate_name, char **ret_file) {
    const char *slash = strrchr(word, '/');
    g_autofree char *name = slash ? g_strndup(word, (gsize)(slash - word)) : NULL;
    g_autofree char *file = name ? gate_file(name) : NULL;
    if (!file || !slash[1] || !is_file(file)) return FALSE;
    *ret_gate_name = g_steal_pointer(&name);
    *ret_file = g_steal_pointer(&file);
    return TRUE;
}

static gboolean unknown_case(const Gate *gate, const char *name, GError **error) {
    g_autoptr(GPtrArray) names = g_ptr_array_new();
    for (guint i = 0; i < gate->cases->len; i++)
        g_ptr_array_add(names, ((GateCase *)gate->cases->pdata[i])->name);
    g_ptr_array_add(names, NULL);
    const char *near = diag_nearest(name, (const char *const *)names->pdata);
    g_set_error(error, HARNESS_ERROR, HARNESS_ERROR_USAGE,
                "gate %s has no case \"%s\"%s%s%s; harness list %s shows all", gate->name, name,
                near ? "; did you mean \"" : "", near ? near : "", near ? "\"?" : "", gate->name);
    return FALSE;
}

/* Adds one case of a gate; `word` is "GATE/CASE". */
static gboolean add_named_case(Plan *plan, const char *word, const char *gate_name,
                               const char *file, GPtrArray *mistakes, GError **error) {
    if (!add_named(plan, file, FALSE, mistakes, error)) return FALSE;
    const Gate *gate = find_gate(plan, gate_name);
    guint index;
    if (!gate) return TRUE; /* its mistakes are reported */
    const char *name = strrchr(word, '/') + 1;
    PlanCase *planned = find_case(plan, gate_name, name, &index);
    if (!planned) return unknown_case(gate, name, error);
    planned->requested = plan->names_cases = TRUE;
    return TRUE;
}

static gboolean unknown_argument(const char *word, GError **error) {
    g_autoptr(GPtrArray) names = g_ptr_array_new_with_free_func(g_free);
    g_autoptr(GDir) dir = g_dir_open("gates", 0, NULL);
    for (const char *name; dir && (name = g_dir_read_name(dir));)
        if (g_str_has_suffix(name, ".gate"))
            g_ptr_array_add(names, g_strndup(name, strlen(name) - strlen(".gate")));
    g_ptr_array_sort(names, text_compare_names);
    g_ptr_array_add(names, NULL);
    g_autofree char *base = g_path_get_basename(word);
    char *dot = g_str_has_suffix(base, ".gate") ? strrchr(base, '.') : NULL;
    if (dot) *dot = '\0';
    const char *near = diag_nearest(base, (const char *const *)names->pdata);
    g_set_error(error, HARNESS_ERROR, HARNESS_ERROR_USAGE,
                "%s: no such gate file or folder, and no gate or case of that name in the folder "
                "gates%s%s%s%s; harness list shows all",
                word, driver_hint(word), near ? "; did you mean \"" : "", near ? near : "",
                near ? "\"?" : "");
    return FALSE;
}

/* Adds a gate file, a folder of them, or a gate or GATE/CASE below gates/. Names come first: a
 * folder can be given with a slash. */
static gboolean add_argument(Plan *plan, const char *word, GPtrArray *mistakes, GError **error) {
    g_autofree char *named = gate_file(word);
    g_autofree char *gate_name = NULL, *file = NULL;
    if (is_file(named)) return add_named(plan, named, TRUE, mistakes, error);
    if (g_file_test(word, G_FILE_TEST_IS_DIR)) return add_folder(plan, word, mistakes, error);
    if (g_file_test(word, G_FILE_TEST_EXISTS)) return add_named(plan, word, TRUE, mistakes, error);
    if (split_case(word, &gate_name, &file))
        return add_named_case(plan, word, gate_name, file, mistakes, error);
    return unknown_argument(word, error);
}

/* The case that "GATE/CASE/PATH" names, of a gate that is read if need be; *ret_path points to
 * "/PATH". -1 and *error. */
static gssize find_output(Plan *plan, const char *word, const char **ret_path, GError **error) {
    g_autoptr(GPtrArray) mistakes = mistakes_new();
    for (const char *at = word; (at = strchr(at, '/')); at++) {
        g_autofree char *gate_name = g_strndup(word, (gsize)(at - word));
        g_autofree char *name = g_strdup_printf("%s.gate", gate_name);
        g_autofree char *file = g_build_filename(plan_root(plan), "gates", name, NULL);
        const char *path = strchr(at + 1, '/');
        if (!path || !path[1] || !is_file(file)) continue;
        g_autofree char *case_name = g_strndup(at + 1, (gsize)(path - at - 1));
        guint index;
        if (!add_named(plan, file, FALSE, mistakes, error) || !mistakes_none(mistakes, error))
            return -1;
        *ret_path = path;
        if (find_case(plan, gate_name, case_name, &index)) return index;
        unknown_case(find_gate(plan, gate_name), case_name, error);
        return -1;
    }
    g_set_error(error, HARNESS_ERROR, HARNESS_ERROR_USAGE,
                "--kernel must be a file, or out:GATE/CASE/PATH of a gate below gates, not out:%s",
                word);
    return -1;
}

gboolean plan_use_made(Plan *plan, const char *output, GError **error) {
    const char *path;
    plan->maker = find_output(plan, output, &path, error);
    if (plan->maker < 0) return FALSE;
    plan->made_path = g_strdup(path);
    return TRUE;
}

Plan *plan_read(const char *const *paths, GPtrArray *mistakes, GError **error) {
    g_autoptr(Plan) plan = g_new0(Plan, 1);
    plan->maker = -1;
    plan->gates = g_ptr_array_new_with_free_func((GDestroyNotify)gate_free);
    plan->cases = g_ptr_array_new_with_free_func(plan_case_free);
    plan->goldens =
        g_hash_table_new_full(g_str_hash, g_str_equal, g_free, (GDestroyNotify)golden_free);
    plan->wrong = g_hash_table_new_full(g_str_hash, g_str_equal, g_free, NULL);
    for (; *paths; paths++)
        if (!add_argument(plan, *paths, mistakes, error)) return NULL;
    return g_steal_pointer(&plan);
}

Plan *plan_new(const char *const *paths, GError **error) {
    g_autoptr(GPtrArray) mistakes = mistakes_new();
    g_autoptr(Plan) plan = plan_read(paths, mistakes, error);
    return plan && mistakes_none(mistakes, error) ? g_steal_pointer(&plan) : NULL;
}

gboolean plan_expects(const Gate *gate, const char *name) {
    for (guint i = 0; i < gate->cases->len; i++) {
        const GateCase *c = gate->cases->pdata[i];
        gsize length = strlen(c->name);
        for (guint k = 0; k < c->expects->len; k++) {
            const GateExpect *expect = c->expects->pdata[k];
            if (!expect->source && strncmp(name, c->name, length) == 0 &&
                strcmp(name + length, expect->guest_path) == 0)
                return TRUE;
        }
    }
    return FALSE;
}

/* Adds a mistake for each line of a golden file that no case expects. */
static void check_golden(const Plan *plan, const Gate *gate, GPtrArray *mistakes) {
    const Golden *golden = g_hash_table_lookup(plan->goldens, gate->name);
    GList *names = g_list_sort(g_hash_table_get_keys(golden->hashes), (GCompareFunc)strcmp);
    for (GList *name = names; name; name = name->next)
        if (!plan_expects(gate, name->data))
            g_ptr_array_add(mistakes,
                            g_strdup_printf("%s: no case of gate %s expects %s; harness "
                                            "bless removes the line",
                                            gate->golden_path, gate->name, (char *)name->data));
    g_list_free(names);
}

void plan_check_goldens(const Plan *plan, GPtrArray *mistakes) {
    for (guint i = 0; i < plan->gates->len; i++)
        check_golden(plan, plan->gates->pdata[i], mistakes);
}
