#include "gate/gate.h"
#include "base/error.h"
#include "base/fdio.h"
#include "base/lex.h"
#include "base/mistakes.h"
#include "base/paths.h"
#include "gate/expand.h"
#include "gate/gate_case.h"
#include <string.h>

typedef struct {
    Gate *gate;
    GateCase *defaults; /* the values that [gate] sets for every case */
    GateCase *current;  /* the open case, or NULL */
    gboolean in_gate;   /* the open section is [gate] */
    GHashTable *seen;   /* "key" or "key argument" -> set, of the open section */
    gboolean began;     /* some section was opened */
    gboolean passes;    /* the open section is unknown: its keys are skipped */
    gboolean flawed;    /* the open section has an invalid line: missing keys are not reported */
    GPtrArray *mistakes;
} Parser;

void gate_free(Gate *gate) {
    g_free(gate->name);
    g_free(gate->path);
    g_free(gate->root);
    g_free(gate->golden_path);
    g_free(gate->text);
    g_free(gate->lines);
    g_free(gate->proves);
    g_strfreev(gate->needs);
    g_ptr_array_unref(gate->cases);
    g_free(gate);
}

void gate_add_bytes(GateCase *c, const char *guest_path, GBytes *content) {
    GateInput *input = g_new0(GateInput, 1);
    input->guest_path = g_strdup(guest_path);
    input->text = g_strdup("a file given on the command line");
    input->source = source_of_bytes(content);
    g_ptr_array_add(c->inputs, input);
}

const GateCase *gate_find_case(const Gate *gate, const char *name) {
    for (guint i = 0; i < gate->cases->len; i++) {
        const GateCase *c = gate->cases->pdata[i];
        if (strcmp(c->name, name) == 0) return c;
    }
    return NULL;
}

const char *gate_case_machine(const GateCase *c) {
    return c->machine || strcmp(c->arch, GATE_DEFAULT_ARCH) != 0 ? c->machine
                                                                 : GATE_DEFAULT_MACHINE;
}

const char *gate_case_cpu(const GateCase *c) {
    return c->cpu || strcmp(c->arch, GATE_DEFAULT_ARCH) != 0 ? c->cpu : GATE_DEFAULT_CPU;
}

/* Enough for every stage of the chain, and for a Linux with a file system in memory. */
#define DEFAULT_MEMORY_BYTES (G_GUINT64_CONSTANT(1) << 30)

guint64 gate_case_memory(const GateCase *c) {
    const char *machine = gate_case_machine(c);
    if (c->memory_bytes) return c->memory_bytes;
    return !machine || g_str_has_prefix(machine, "virt") ? DEFAULT_MEMORY_BYTES : 0;
}

gboolean gate_case_is_foreign(const GateCase *c) { return c->kernel || c->firmware; }

gboolean gate_case_keeps_contract(const GateCase *c) {
    return !gate_case_is_foreign(c) || c->end.is_judged || c->argv;
}

/* Other inputs come from the command line or from the same file. */
static gboolean path_error(const DiagFile *file, const GateInput *input, const char *path,
                           const char *why, const GateInput *other, GError **error) {
    g_autofree char *line =
        other ? g_strdup_printf(" (line %" G_GSIZE_FORMAT ")", diag_line(file, other->span)) : NULL;
    return diag_error(error, file, input->span, "the guest path %s %s%s", path, why,
                      line ? line : "");
}

gboolean gate_add_path(const Gate *gate, GuestPaths *paths, const GateInput *input,
                       const char *guest_path, GError **error) {
    gconstpointer other = NULL;
    g_autofree char *clash = NULL;
    const char *why = path_check_input(guest_path);
    if (!why) why = clash = guest_paths_add(paths, guest_path, input, &other);
    return !why || path_error(&gate->file, input, guest_path, why, other, error);
}

/* Checks only named files against each other; the files of trees are known once read. */
static gboolean check_paths(const Gate *gate, const GateCase *c, GError **error) {
    g_autoptr(GuestPaths) paths = guest_paths_new();
    for (guint i = 0; i < c->inputs->len; i++) {
        const GateInput *input = c->inputs->pdata[i];
        if (input->kind == INPUT_FILE &&
            !gate_add_path(gate, paths, input, input->guest_path, error))
            return FALSE;
    }
    return TRUE;
}

/* A case that judges the end of init. */
static gboolean check_init(const Gate *gate, const GateCase *c, GError **error) {
    gboolean has_init = FALSE;
    for (guint i = 0; i < c->inputs->len; i++) {
        const GateInput *input = c->inputs->pdata[i];
        has_init |= input->kind != INPUT_FILE || strcmp(input->guest_path, "/init") == 0;
    }
    return has_init || diag_error(error, &gate->file, c->span,
                                  "case \"%s\" has no program: add \"file /init = ...\"", c->name);
}

/* A case that judges only the console. */
static gboolean check_console(const Gate *gate, const GateCase *c, GError **error) {
    if (c->console->len == 0 && !dialog_judges(c->dialog) && c->status < 0 &&
        c->results == RESULTS_NONE)
        return diag_error(error, &gate->file, c->span,
                          "case \"%s\" judges nothing: add \"exit\", \"signal\", \"status\", "
                          "\"results\", \"console\" or \"dialog\"%s",
                          c->name, c->dialog->len > 0 ? " with a wait" : "");
    return (c->expects->len == 0 && c->spawns < 0) ||
           diag_error(error, &gate->file, c->span,
                      "case \"%s\" expects files or spawns: add \"exit\" or \"signal\"", c->name);
}

static gboolean has_initrd(const GateCase *c) {
    for (guint i = 0; i < c->inputs->len; i++)
        if (((const GateInput *)c->inputs->pdata[i])->kind == INPUT_INITRD) return TRUE;
    return FALSE;
}

/* Keys that only make sense for another kernel. */
static gboolean check_machine(const Gate *gate, const GateCase *c, GError **error) {
    const struct {
        const char *name;
        gboolean is_given;
    } keys[] = {{"append", c->append != NULL},
                {"arch", strcmp(c->arch, GATE_DEFAULT_ARCH) != 0},
                {"dtb", c->dtb != NULL},
                {"initrd", has_initrd(c)}};
    for (guint i = 0; i < G_N_ELEMENTS(keys); i++)
        if (keys[i].is_given && !gate_case_is_foreign(c))
            return diag_error(error, &gate->file, c->span,
                              "case \"%s\": \"%s\" needs the key \"kernel\"", c->name,
                              keys[i].name);
    if (!c->kernel && g_strcmp0(c->firmware, "none") == 0)
        return diag_error(error, &gate->file, c->span,
                          "case \"%s\" has neither a kernel nor a firmware", c->name);
    if (has_initrd(c) && c->inputs->len > 1)
        return diag_error(error, &gate->file, c->span,
                          "case \"%s\": \"initrd\" takes the place of the archive of \"file\" and "
                          "\"tree\"",
                          c->name);
    if (!gate_case_is_foreign(c) && c->memory_bytes % (1024 * 1024) != 0)
        return diag_error(error, &gate->file, c->span,
                          "case \"%s\": the seed kernel wants a whole number of MiB of memory",
                          c->name);
    return TRUE;
}

/* QEMU's status is the guest's only where init's end is not judged. */
static gboolean check_status(const Gate *gate, const GateCase *c, GError **error) {
    if (c->status >= 0 && c->end.is_judged)
        return diag_error(error, &gate->file, c->span,
                          "case \"%s\" has either \"status\", which QEMU ends with, or \"exit\" or "
                          "\"signal\", which init ends with",
                          c->name);
    return c->skip_status < 0 || (c->status >= 0 && c->status != c->skip_status) ||
           diag_error(error, &gate->file, c->span,
                      "case \"%s\": \"skip-status\" needs another \"status\"", c->name);
}

/* Checks a case after its last line. */
static gboolean finish_case(Parser *parser, GError **error) {
    GateCase *c = parser->current;
    if (!c || parser->flawed) return TRUE;
    const Gate *gate = parser->gate;
    if (!check_machine(gate, c, error) || !check_status(gate, c, error)) return FALSE;
    return (c->end.is_judged ? check_init : check_console)(gate, c, error) &&
           check_paths(gate, c, error);
}

/* Ends the open section. */
static void close_section(Parser *parser) {
    GError *error = NULL;
    if (!finish_case(parser, &error)) mistakes_take(parser->mistakes, error);
    parser->current = NULL;
    parser->in_gate = parser->flawed = FALSE;
    parser->passes = TRUE;
    g_hash_table_remove_all(parser->seen);
}

static gboolean open_case(Parser *parser, const LexLine *line, GError **error) {
    Gate *gate = parser->gate;
    g_autofree char *name = lex_dup(&gate->file, line->argument);
    if (!path_is_name(name))
        return diag_error(error, &gate->file, *name ? line->argument : line->name,
                          "a case name has letters, digits, \"-\", \"_\" and \".\": "
                          "[case hex1]");
    if (gate_find_case(gate, name))
        return diag_error(error, &gate->file, line->argument, "duplicate case \"%s\"", name);
    parser->current = gate_case_new(parser->defaults);
    parser->current->name = g_steal_pointer(&name);
    parser->current->span = line->argument;
    g_ptr_array_add(gate->cases, parser->current);
    return TRUE;
}

static gboolean open_section(Parser *parser, const LexLine *line, GError **error) {
    const DiagFile *file = &parser->gate->file;
    gboolean first = !parser->began;
    close_section(parser);
    parser->began = TRUE;
    gboolean is_gate = lex_equal(file, line->name, "gate");
    if (!is_gate && !lex_equal(file, line->name, "case"))
        return diag_error(error, file, line->name,
                          "unknown section; known sections are [gate] and [case NAME]");
    if (first != is_gate)
        return diag_error(error, file, line->name,
                          is_gate ? "duplicate [gate]; it must be the first section"
                                  : "the first section must be [gate]");
    if (!is_gate && !open_case(parser, line, error)) return FALSE;
    if (is_gate && line->argument.begin != line->argument.end)
        return diag_error(error, file, line->argument,
                          "[gate] takes no name; the file name is the name of the gate");
    parser->in_gate = is_gate;
    parser->passes = FALSE;
    return TRUE;
}

static gboolean check_argument(Parser *parser, const LexLine *line, const GateKey *key,
                               GError **error) {
    const DiagFile *file = &parser->gate->file;
    gboolean has = line->argument.begin != line->argument.end;
    if (!(key->flags & KEY_ARGUMENT))
        return !has || diag_error(error, file, line->argument,
                                  "\"%s\" takes no argument before "
                                  "\"=\"",
                                  key->name);
    if (!has)
        return diag_error(error, file, line->name, "\"%s\" needs a guest path: %s /path = %s",
                          key->name, key->name, key->syntax);
    g_autofree char *path = lex_dup(file, line->argument);
    const char *why = key->flags & KEY_INPUT ? path_check_input(path) : path_check_guest(path);
    return !why || diag_error(error, file, line->argument, "the guest path %s", why);
}

static const GateKey *find_key(Parser *parser, const LexLine *line, GError **error) {
    const DiagFile *file = &parser->gate->file;
    const char *known[64];
    guint count = 0;
    for (const GateKey *key = gate_keys; key->name; key++) {
        if (lex_equal(file, line->name, key->name)) {
            if (key->flags & (parser->in_gate ? KEY_GATE : KEY_CASE)) return key;
            diag_error(error, file, line->name, "\"%s\" belongs in %s", key->name,
                       parser->in_gate ? "a [case NAME]" : "[gate]");
            return NULL;
        }
        g_assert(count + 1 < G_N_ELEMENTS(known));
        known[count++] = key->name;
    }
    known[count] = NULL;
    g_autofree char *name = lex_dup(file, line->name);
    const char *near = diag_nearest(name, known);
    diag_error(error, file, line->name,
               near ? "unknown key \"%s\"; did you mean \"%s\"?"
                    : "unknown key \"%s\"; harness check --keys lists all",
               name, near);
    return NULL;
}

/* Refuses a key that is already set in this section, or that excludes another. */
static gboolean check_again(Parser *parser, const LexLine *line, const GateKey *key,
                            const char *argument, GError **error) {
    const DiagFile *file = &parser->gate->file;
    const GateKey *other = key->flags & KEY_EXCLUSIVE     ? key - 1
                           : key[1].flags & KEY_EXCLUSIVE ? key + 1
                                                          : NULL;
    if (other && g_hash_table_contains(parser->seen, other->name))
        return diag_error(error, file, line->name, "a case has either \"%s\" or \"%s\"",
                          MIN(key, other)->name, MAX(key, other)->name);
    g_autofree char *slot =
        *argument ? g_strconcat(key->name, " ", argument, NULL) : g_strdup(key->name);
    if (g_hash_table_add(parser->seen, g_strdup(slot)) || key->flags & KEY_LINES) return TRUE;
    return diag_error(error, file, line->name, "\"%s\" is already set in this section", slot);
}

/* `like`: copies the values of an earlier case. */
static gboolean take_case(Parser *parser, const LexLine *line, GError **error) {
    const GateCase *from = gate_find_case(parser->gate, parser->current->like);
    if (!from || from == parser->current)
        return diag_error(error, &parser->gate->file, line->value,
                          "there is no earlier case \"%s\"", parser->current->like);
    gate_case_take(parser->current, from);
    return TRUE;
}

static gboolean parse_key(Parser *parser, const LexLine *line, GError **error) {
    const DiagFile *file = &parser->gate->file;
    /* It is left only where another line cannot be read, which is reported. */
    if (lex_equal(file, line->name, EXPAND_KEY)) return TRUE;
    if (!parser->began)
        return diag_error(error, file, line->name, "the first section must be [gate]");
    const GateKey *key = find_key(parser, line, error);
    if (!key || !check_argument(parser, line, key, error)) return FALSE;
    g_autofree char *argument = lex_dup(file, line->argument);
    gboolean is_first = g_hash_table_size(parser->seen) == 0;
    gboolean is_again = g_hash_table_contains(parser->seen, key->name);
    if (!check_again(parser, line, key, argument, error)) return FALSE;
    if (key->flags & KEY_FIRST && !is_first)
        return diag_error(error, file, line->name, "\"%s\" must be on the first line of a case",
                          key->name);
    KeyContext context = {file, line, is_again};
    void *holder = key->flags & KEY_CASE
                       ? (void *)(parser->in_gate ? parser->defaults : parser->current)
                       : (void *)parser->gate;
    return key->type->parse((char *)holder + key->offset, &context, error) &&
           (!(key->flags & KEY_FIRST) || take_case(parser, line, error));
}

/* Checks that each out: names a gate in "needs" or an earlier case of this gate. */
static gboolean check_out(const Gate *gate, const GateCase *c, const GPtrArray *source,
                          GError **error) {
    for (guint i = 0; source && i < source->len; i++) {
        const SourcePart *part = source->pdata[i];
        const char *gate_name, *path;
        g_autofree char *case_name = NULL;
        if (part->kind != SOURCE_OUT) continue;
        if (!gate_resolve_out(gate, part, &gate_name, &case_name, &path, error)) return FALSE;
        if (strcmp(gate_name, gate->name) != 0) continue;
        const GateCase *from = gate_find_case(gate, case_name);
        if (!from)
            return diag_error(error, &gate->file, part->span, "this gate has no case \"%s\"",
                              case_name);
        if (from->span.begin >= c->span.begin)
            return diag_error(error, &gate->file, part->span, "case \"%s\" is not an earlier case",
                              case_name);
    }
    return TRUE;
}

/* Adds the mistakes in the sources of `c`. */
static void check_outs(const Gate *gate, const GateCase *c, GPtrArray *mistakes) {
    for (guint i = 0; i < c->inputs->len; i++) {
        GError *error = NULL;
        if (!check_out(gate, c, ((GateInput *)c->inputs->pdata[i])->source, &error))
            mistakes_take(mistakes, error);
    }
    for (guint i = 0; i < c->expects->len; i++) {
        GError *error = NULL;
        if (!check_out(gate, c, ((GateExpect *)c->expects->pdata[i])->source, &error))
            mistakes_take(mistakes, error);
    }
}

static gboolean check_head(const Gate *gate, GError **error) {
    DiagSpan end = {gate->file.length, gate->file.length};
    if (!gate->proves)
        return diag_error(error, &gate->file, gate->cases->len ? (DiagSpan){0, 0} : end,
                          "missing key \"proves\" in [gate]");
    if (gate->cases->len == 0)
        return diag_error(error, &gate->file, end, "the gate has no [case NAME]");
    for (char **need = gate->needs; need && *need; need++)
        if (strcmp(*need, gate->name) == 0)
            return diag_error(error, &gate->file, (DiagSpan){0, 0}, "the gate needs itself");
    return TRUE;
}

/* Checks the gate as a whole, unless a line was invalid: such a file would lack much. */
static void check_gate(Parser *parser) {
    GError *error = NULL;
    if (parser->mistakes->len > 0) return;
    if (!check_head(parser->gate, &error)) {
        mistakes_take(parser->mistakes, error);
        return;
    }
    for (guint i = 0; i < parser->gate->cases->len; i++)
        check_outs(parser->gate, parser->gate->cases->pdata[i], parser->mistakes);
}

/* Reads a line; FALSE at the end. Parsing continues after a mistake. */
static gboolean parse_line(Parser *parser, Lexer *lexer) {
    LexLine line;
    GError *error = NULL;
    gboolean fine = lex_next(lexer, &line, &error);
    if (fine && line.kind == LEX_END) return FALSE;
    if (fine && line.kind == LEX_SECTION)
        fine = open_section(parser, &line, &error);
    else if (fine)
        fine = (parser->began && parser->passes) || parse_key(parser, &line, &error);
    if (!fine) {
        /* Reports a missing first section only once. */
        parser->flawed = parser->began = TRUE;
        mistakes_take(parser->mistakes, error);
    }
    return TRUE;
}

static gboolean parse_lines(Parser *parser, GError **error) {
    if (!lex_check_text(&parser->gate->file, error)) return FALSE;
    Lexer lexer = {&parser->gate->file, 0};
    while (parse_line(parser, &lexer))
        continue;
    close_section(parser);
    check_gate(parser);
    return mistakes_none(parser->mistakes, error);
}

/* Puts the cases that "each" stands for in the place of the text. */
static gboolean expand(Gate *gate, GError **error) {
    Expansion expansion;
    if (!lex_check_text(&gate->file, NULL)) return TRUE; /* the parser says why */
    if (!expand_cases(&gate->file, &expansion, error)) return FALSE;
    if (!expansion.text) return TRUE;
    g_free(gate->text);
    gate->text = expansion.text;
    gate->lines = expansion.lines;
    gate->file = (DiagFile){gate->path, gate->text, strlen(gate->text), gate->lines};
    return TRUE;
}

Gate *gate_parse(const char *name, const char *path, const char *root, const char *text,
                 gsize length, GError **error) {
    g_autoptr(Gate) gate = g_new0(Gate, 1);
    gate->name = g_strdup(name);
    gate->path = g_strdup(path);
    gate->root = g_strdup(root);
    gate->golden_path = g_strdup_printf("%s/golden/%s.sha256", root, name);
    gate->text = g_malloc(length + 1);
    memcpy(gate->text, text, length);
    gate->text[length] = '\0';
    gate->file = (DiagFile){gate->path, gate->text, length, NULL};
    gate->cases = g_ptr_array_new_with_free_func((GDestroyNotify)gate_case_free);

    if (!expand(gate, error)) return NULL;
    g_autoptr(GPtrArray) mistakes = mistakes_new();
    Parser parser = {.gate = gate,
                     .passes = TRUE,
                     .mistakes = mistakes,
                     .defaults = gate_case_new(NULL),
                     .seen = g_hash_table_new_full(g_str_hash, g_str_equal, g_free, NULL)};
    gboolean parsed = parse_lines(&parser, error);
    gate_case_free(parser.defaults);
    g_hash_table_unref(parser.seen);
    return parsed ? g_steal_pointer(&gate) : NULL;
}

/* Splits "/r/gates/a/b.gate" into root "/r" and name "a/b". */
static gboolean split_path(const char *path, char **ret_root, char **ret_name, GError **error) {
    g_autofree char *absolute = g_canonicalize_filename(path, NULL);
    const char *gates = g_strrstr(absolute, "/gates/");
    if (!gates || !g_str_has_suffix(absolute, ".gate")) {
        g_set_error(error, HARNESS_ERROR, HARNESS_ERROR_USAGE,
                    "%s: a gate file must be named NAME.gate and be below a folder \"gates\"",
                    path);
        return FALSE;
    }
    const char *name = gates + strlen("/gates/");
    *ret_root = g_strndup(absolute, (gsize)(gates - absolute));
    *ret_name = g_strndup(name, strlen(name) - strlen(".gate"));
    return TRUE;
}

Gate *gate_load(const char *path, GError **error) {
    g_autofree char *root = NULL, *name = NULL;
    gsize length;
    GError *failed = NULL;
    if (!split_path(path, &root, &name, error)) return NULL;
    g_autoptr(GBytes) text = fdio_load(path, &failed);
    if (!text) {
        g_set_error(error, HARNESS_ERROR, HARNESS_ERROR_USAGE, "%s", failed->message);
        g_error_free(failed);
        return NULL;
    }
    const char *data = g_bytes_get_data(text, &length);
    return gate_parse(name, path, root, data ? data : "", length, error);
}

/* The part of `path` after "NAME/", or NULL. */
static const char *below(const char *path, const char *name) {
    gsize length = strlen(name);
    return strncmp(path, name, length) == 0 && path[length] == '/' ? path + length + 1 : NULL;
}

gboolean gate_resolve_out(const Gate *gate, const SourcePart *part, const char **ret_gate_name,
                          char **ret_case, const char **ret_path, GError **error) {
    const char *name = gate->name, *rest = below(part->path, name);
    for (char **need = gate->needs; !rest && need && *need; need++)
        rest = below(part->path, name = *need);
    if (!rest)
        return diag_error(error, &gate->file, part->span,
                          "add the gate of this output to \"needs\"");
    const char *slash = strchr(rest, '/');
    if (!slash) return diag_error(error, &gate->file, part->span, "expected out:GATE/CASE/PATH");
    *ret_gate_name = name;
    *ret_case = g_strndup(rest, (gsize)(slash - rest));
    *ret_path = slash + 1;
    return TRUE;
}
