#include "gate/gate.h"
#include "base/error.h"
#include "base/fdio.h"
#include "base/lex.h"
#include "base/mistakes.h"
#include "base/paths.h"
#include "gate/expand.h"
#include "gate/gate_case.h"
#include "gate/gate_check.h"
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

/* Checks a case after its last line. */
static gboolean finish_case(Parser *parser, GError **error) {
    const GateCase *c = parser->current;
    return !c || parser->flawed || gate_check_case(parser->gate, c, error);
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
    /* As is a set, or a dialog. */
    if (lex_equal(file, line->name, EXPAND_SET) || lex_equal(file, line->name, EXPAND_DIALOG))
        return TRUE;
    gboolean is_gate = lex_equal(file, line->name, "gate");
    if (!is_gate && !lex_equal(file, line->name, "case"))
        return diag_error(
            error, file, line->name,
            "unknown section; known sections are [gate], [set NAME], [dialog NAME] and "
            "[case NAME]");
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
    gboolean is_named = key->flags & KEY_NAMED;
    if (!has)
        return diag_error(error, file, line->name, "\"%s\" needs a %s: %s %s = %s", key->name,
                          is_named ? "name" : "guest path", key->name, is_named ? "NAME" : "/path",
                          key->syntax);
    g_autofree char *path = lex_dup(file, line->argument);
    if (is_named)
        return path_is_name(path) ||
               diag_error(error, file, line->argument,
                          "a name has letters, digits, \"-\", \"_\" and \".\": %s data = ...",
                          key->name);
    const char *why = key->flags & KEY_INPUT ? path_check_input(path) : path_check_guest(path);
    return !why || diag_error(error, file, line->argument, "the guest path %s", why);
}

static const GateKey *find_key(Parser *parser, const LexLine *line, GError **error) {
    const DiagFile *file = &parser->gate->file;
    const char *known[64];
    guint count = 0;
    gboolean has_argument = line->argument.begin != line->argument.end;
    for (const GateKey *key = gate_keys; key->name; key++) {
        /* "dialog" is a key with an argument, and one without. */
        gboolean is_other_form = has_argument != !!(key->flags & KEY_ARGUMENT) && key[1].name &&
                                 strcmp(key[1].name, key->name) == 0;
        if (lex_equal(file, line->name, key->name) && !is_other_form) {
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

/* What a section sets: "key" or "key argument". Free with g_free. */
static char *key_slot(const GateKey *key, const char *argument) {
    return *argument ? g_strconcat(key->name, " ", argument, NULL) : g_strdup(key->name);
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
    g_autofree char *slot = key_slot(key, argument);
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
    if (lex_equal(file, line->name, EXPAND_KEY) || lex_equal(file, line->name, EXPAND_ON))
        return TRUE;
    if (!parser->began)
        return diag_error(error, file, line->name, "the first section must be [gate]");
    const GateKey *key = find_key(parser, line, error);
    if (!key || !check_argument(parser, line, key, error)) return FALSE;
    g_autofree char *argument = lex_dup(file, line->argument);
    gboolean is_first = g_hash_table_size(parser->seen) == 0;
    g_autofree char *slot = key_slot(key, argument);
    gboolean is_again = g_hash_table_contains(parser->seen, slot);
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
    g_autoptr(GPtrArray) sources = gate_case_sources(c);
    for (guint i = 0; i < sources->len; i++) {
        GError *error = NULL;
        if (!check_out(gate, c, sources->pdata[i], &error)) mistakes_take(mistakes, error);
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
