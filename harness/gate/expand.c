#include "gate/expand.h"
#include "base/lex.h"
#include "base/paths.h"
#include "gate/include.h"
#include <string.h>

typedef struct {
    char *name; /* "{NAME}" */
    GStrv values;
    guint line;      /* of the file, from 0 */
    gboolean is_set; /* the values are names of sets */
    DiagSpan span;   /* of the values */
} Each;

typedef enum { SECTION_OTHER, SECTION_CASE, SECTION_SET, SECTION_DIALOG } SectionKind;

typedef struct {
    guint first, end; /* its lines, half-open */
    SectionKind kind;
    DiagSpan argument;  /* the name of the case or set */
    GPtrArray *each;    /* of Each */
    GHashTable *slots;  /* "KEY ARGUMENT" of each line with a key */
    gboolean is_used;   /* the set or dialog, by a case */
    GHashTable *places; /* line + 1 -> its slot */
} Section;

typedef struct {
    const DiagFile *file;
    GStrv lines;
    GArray *sections; /* of Section */
    GString *text;
    GArray *from; /* of guint: lines of the file */
    guint cases;
    gsize at;   /* up to where lines are counted */
    guint line; /* at that place */
} Expander;

static void each_free(gpointer data) {
    Each *each = data;
    g_free(each->name);
    g_strfreev(each->values);
    g_free(each);
}

/* The line of a span, which must not lie before that of the last call. */
static guint line_of(Expander *expander, DiagSpan span) {
    for (; expander->at < span.begin; expander->at++)
        expander->line += expander->file->text[expander->at] == '\n';
    return expander->line;
}

/* ---- What the file says ---- */

static Section *section_at(const Expander *expander, guint at) {
    return &g_array_index(expander->sections, Section, at);
}

/* The set or dialog of that name, or NULL. */
static Section *find_named(const Expander *expander, SectionKind kind, const char *name) {
    for (guint i = 0; i < expander->sections->len; i++) {
        Section *section = section_at(expander, i);
        g_autofree char *own = lex_dup(expander->file, section->argument);
        if (section->kind == kind && strcmp(own, name) == 0) return section;
    }
    return NULL;
}

static gboolean add_section(Expander *expander, const LexLine *line, GError **error) {
    const DiagFile *file = expander->file;
    g_autofree char *name = lex_dup(file, line->argument);
    Section section = {.first = line_of(expander, line->name),
                       .kind = lex_equal(file, line->name, "case")          ? SECTION_CASE
                               : lex_equal(file, line->name, EXPAND_SET)    ? SECTION_SET
                               : lex_equal(file, line->name, EXPAND_DIALOG) ? SECTION_DIALOG
                                                                            : SECTION_OTHER,
                       .argument = line->argument,
                       .each = g_ptr_array_new_with_free_func(each_free),
                       .slots = g_hash_table_new_full(g_str_hash, g_str_equal, g_free, NULL),
                       .places = g_hash_table_new(NULL, NULL)};
    gboolean is_named = section.kind == SECTION_SET || section.kind == SECTION_DIALOG;
    gboolean is_known = is_named && find_named(expander, section.kind, name) != NULL;
    g_autofree char *kind = lex_dup(file, line->name);
    g_array_append_val(expander->sections, section);
    if (is_named && !path_is_name(name))
        return diag_error(error, file, *name ? line->argument : line->name,
                          "a %s needs a name: [%s NAME]", kind, kind);
    return !is_known || diag_error(error, file, line->argument, "duplicate %s \"%s\"", kind, name);
}

/* Notes what a line sets, so that the line of a case can take the place of one of a set. */
static void add_slot(Expander *expander, const LexLine *line) {
    if (expander->sections->len == 0) return;
    Section *section = section_at(expander, expander->sections->len - 1);
    g_autofree char *key = lex_dup(expander->file, line->name);
    g_autofree char *argument = lex_dup(expander->file, line->argument);
    char *slot = g_strdup_printf("%s %s", key, argument);
    guint number = line_of(expander, line->name);
    gpointer known = NULL;
    if (g_hash_table_lookup_extended(section->slots, slot, &known, NULL)) {
        g_free(slot);
        slot = known;
    } else {
        g_hash_table_add(section->slots, slot);
    }
    g_hash_table_insert(section->places, GUINT_TO_POINTER(number + 1), slot);
}

static gboolean is_known(const Section *section, const char *name) {
    for (guint i = 0; i < section->each->len; i++)
        if (strcmp(((const Each *)section->each->pdata[i])->name, name) == 0) return TRUE;
    return FALSE;
}

/* "each NAME = VALUE..." or "on = SET..." */
static gboolean add_each(Expander *expander, const LexLine *line, GError **error) {
    const DiagFile *file = expander->file;
    gboolean is_set = lex_equal(file, line->name, EXPAND_ON);
    Section *section =
        expander->sections->len > 0 ? section_at(expander, expander->sections->len - 1) : NULL;
    g_autofree char *key = lex_dup(file, line->name);
    g_autofree char *name = is_set ? g_strdup(EXPAND_ON) : lex_dup(file, line->argument);
    g_autofree char *values = lex_dup(file, line->value);
    g_autofree char *placeholder = g_strdup_printf("{%s}", name);
    if (!section || section->kind != SECTION_CASE)
        return diag_error(error, file, line->name, "\"%s\" belongs in a [case NAME]", key);
    if (is_set && line->argument.begin != line->argument.end)
        return diag_error(error, file, line->argument, "\"on\" takes no argument before \"=\"");
    if (!path_is_name(name))
        return diag_error(error, file, *name ? line->argument : line->name,
                          "\"each\" needs a name: each machine = virt sbsa-ref");
    if (is_known(section, placeholder))
        return diag_error(error, file, is_set ? line->name : line->argument,
                          is_set ? "\"on\" is already set in this section"
                                 : "\"each %s\" is already set in this section",
                          name);
    g_auto(GStrv) words = g_strsplit_set(values, " \t", -1);
    g_autoptr(GStrvBuilder) kept = g_strv_builder_new();
    for (char **word = words; *word; word++) {
        if (!**word) continue;
        if (!path_is_name(*word) || strlen(*word) > EXPAND_VALUE_MAX)
            return diag_error(error, file, line->value,
                              "a value of \"%s\" has letters, digits, \"-\", \"_\" and \".\", at "
                              "most %d: %s",
                              key, EXPAND_VALUE_MAX, *word);
        g_strv_builder_add(kept, *word);
    }
    Each *each = g_new0(Each, 1);
    *each = (Each){g_steal_pointer(&placeholder), g_strv_builder_end(kept),
                   line_of(expander, line->name), is_set, line->value};
    g_ptr_array_add(section->each, each);
    return *each->values || diag_error(error, file, line->name, "\"%s\" needs values", key);
}

/* Each set that a case names must be there, and each that is there must be named. */
static gboolean check_sets(Expander *expander, GError **error) {
    for (guint i = 0; i < expander->sections->len; i++) {
        const Section *section = section_at(expander, i);
        for (guint k = 0; k < section->each->len; k++) {
            const Each *each = section->each->pdata[k];
            for (char **value = each->values; each->is_set && *value; value++) {
                Section *set = find_named(expander, SECTION_SET, *value);
                if (!set)
                    return diag_error(error, expander->file, each->span, "there is no set \"%s\"",
                                      *value);
                set->is_used = TRUE;
            }
        }
    }
    for (guint i = 0; i < expander->sections->len; i++) {
        const Section *section = section_at(expander, i);
        if (section->kind == SECTION_SET && !section->is_used)
            return diag_error(error, expander->file, section->argument,
                              "no case is \"on\" this set");
    }
    return TRUE;
}

/* FALSE without *error if a line cannot be read. */
static gboolean read_file(Expander *expander, GError **error) {
    Lexer lexer = {expander->file, 0};
    LexLine line;
    g_autoptr(GError) unread = NULL;
    do {
        if (!lex_next(&lexer, &line, &unread)) return FALSE;
        if (line.kind == LEX_SECTION && !add_section(expander, &line, error)) return FALSE;
        if (line.kind != LEX_KEY) continue;
        gboolean is_each = lex_equal(expander->file, line.name, EXPAND_KEY) ||
                           lex_equal(expander->file, line.name, EXPAND_ON);
        if (is_each && !add_each(expander, &line, error)) return FALSE;
        if (!is_each) add_slot(expander, &line);
    } while (line.kind != LEX_END);
    for (guint i = 0; i < expander->sections->len; i++)
        section_at(expander, i)->end = i + 1 < expander->sections->len
                                           ? section_at(expander, i + 1)->first
                                           : g_strv_length(expander->lines);
    return check_sets(expander, error);
}

/* ---- What it stands for ---- */

/* The steps of [dialog NAME], in one line. */
static char *dialog_of(gpointer data, const char *name) {
    const Expander *expander = data;
    Section *dialog = find_named(expander, SECTION_DIALOG, name);
    if (!dialog) return NULL;
    GString *steps = g_string_new(NULL);
    const char *value;
    for (guint i = dialog->first + 1; i < dialog->end; i++)
        if (include_is_dialog(expander->lines[i], &value))
            g_string_append_printf(steps, "%s%s", steps->len > 0 ? " " : "",
                                   value + strspn(value, " \t"));
    dialog->is_used = TRUE;
    return g_string_free(steps, FALSE);
}

static void add_line(Expander *expander, const char *line, guint from) {
    guint number = from + 1;
    g_autofree char *whole = include_steps(line, dialog_of, expander);
    g_string_append_printf(expander->text, "%s\n", whole ? whole : line);
    g_array_append_val(expander->from, number);
}

/* The line with the values of this combination. */
static char *substitute(const Section *section, const guint *chosen, const char *line) {
    GString *text = g_string_new(line);
    for (guint i = 0; i < section->each->len; i++) {
        const Each *each = section->each->pdata[i];
        g_string_replace(text, each->name, each->values[chosen[i]], 0);
    }
    return g_string_free(text, FALSE);
}

/* "[case NAME]" of this combination. */
static char *name_case(const Expander *expander, const Section *section, const guint *chosen) {
    g_autofree char *name = lex_dup(expander->file, section->argument);
    g_autofree char *filled = substitute(section, chosen, name);
    g_autoptr(GString) whole = g_string_new(filled);
    for (guint i = 0; i < section->each->len; i++) {
        const Each *each = section->each->pdata[i];
        if (!strstr(name, each->name))
            g_string_append_printf(whole, "-%s", each->values[chosen[i]]);
    }
    return g_strdup_printf("[case %s]", whole->str);
}

static gboolean is_each_line(const Section *section, guint line) {
    for (guint i = 0; i < section->each->len; i++)
        if (((const Each *)section->each->pdata[i])->line == line) return TRUE;
    return FALSE;
}

/* The lines of the set, but those in whose place the case has one. */
static void add_set(Expander *expander, const Section *section, const guint *chosen,
                    const char *name) {
    const Section *set = find_named(expander, SECTION_SET, name);
    for (guint i = set->first + 1; i < set->end; i++) {
        const char *slot = g_hash_table_lookup(set->places, GUINT_TO_POINTER(i + 1));
        if (!slot || g_hash_table_contains(section->slots, slot)) continue;
        g_autofree char *line = substitute(section, chosen, expander->lines[i]);
        add_line(expander, line, i);
    }
}

static void add_combination(Expander *expander, const Section *section, const guint *chosen) {
    g_autofree char *head = name_case(expander, section, chosen);
    add_line(expander, head, section->first);
    for (guint i = 0; i < section->each->len; i++) {
        const Each *each = section->each->pdata[i];
        if (each->is_set) add_set(expander, section, chosen, each->values[chosen[i]]);
    }
    for (guint i = section->first + 1; i < section->end; i++) {
        if (is_each_line(section, i)) continue;
        g_autofree char *line = substitute(section, chosen, expander->lines[i]);
        add_line(expander, line, i);
    }
}

/* The next combination, the last value first; FALSE after the last. */
static gboolean advance(const Section *section, guint *chosen) {
    for (guint i = section->each->len; i > 0; i--) {
        const Each *each = section->each->pdata[i - 1];
        if (each->values[++chosen[i - 1]]) return TRUE;
        chosen[i - 1] = 0;
    }
    return FALSE;
}

static gboolean add_cases(Expander *expander, const Section *section, GError **error) {
    g_autofree guint *chosen = g_new0(guint, section->each->len);
    do {
        if (++expander->cases > EXPAND_CASES_MAX)
            return diag_error(error, expander->file, section->argument,
                              "\"each\" makes more than %d cases", EXPAND_CASES_MAX);
        if (expander->text->len > LEX_FILE_MAX)
            return diag_error(error, expander->file, section->argument,
                              "\"each\" makes more than %d KiB of text", LEX_FILE_MAX / 1024);
        add_combination(expander, section, chosen);
    } while (advance(section, chosen));
    return TRUE;
}

/* Each dialog that is there must be included, and have steps. */
static gboolean check_dialogs(const Expander *expander, GError **error) {
    for (guint i = 0; i < expander->sections->len; i++) {
        const Section *section = section_at(expander, i);
        if (section->kind != SECTION_DIALOG || section->is_used) continue;
        return diag_error(error, expander->file, section->argument, "no dialog includes this one");
    }
    return TRUE;
}

static gboolean write_all(Expander *expander, GError **error) {
    guint first = expander->sections->len > 0 ? section_at(expander, 0)->first
                                              : g_strv_length(expander->lines);
    for (guint i = 0; i < first; i++)
        add_line(expander, expander->lines[i], i);
    for (guint i = 0; i < expander->sections->len; i++) {
        const Section *section = section_at(expander, i);
        if (section->kind == SECTION_SET || section->kind == SECTION_DIALOG) continue;
        if (section->each->len > 0) {
            if (!add_cases(expander, section, error)) return FALSE;
            continue;
        }
        for (guint line = section->first; line < section->end; line++)
            add_line(expander, expander->lines[line], line);
    }
    /* The last line has no newline of its own. */
    g_string_truncate(expander->text, expander->text->len - (expander->text->len > 0));
    return check_dialogs(expander, error);
}

static gboolean is_to_expand(const Expander *expander) {
    for (guint i = 0; i < expander->sections->len; i++) {
        const Section *section = section_at(expander, i);
        if (section->each->len > 0 || section->kind == SECTION_SET ||
            section->kind == SECTION_DIALOG)
            return TRUE;
    }
    return FALSE;
}

static void expander_clear(Expander *expander) {
    for (guint i = 0; i < expander->sections->len; i++) {
        const Section *section = section_at(expander, i);
        g_ptr_array_unref(section->each);
        g_hash_table_unref(section->places);
        g_hash_table_unref(section->slots);
    }
    g_array_unref(expander->sections);
    g_strfreev(expander->lines);
    g_string_free(expander->text, TRUE);
    g_array_unref(expander->from);
}

G_DEFINE_AUTO_CLEANUP_CLEAR_FUNC(Expander, expander_clear)

gboolean expand_cases(const DiagFile *file, Expansion *ret, GError **error) {
    *ret = (Expansion){0};
    g_autofree char *whole = g_strndup(file->text, file->length);
    g_auto(Expander) expander = {.file = file,
                                 .lines = g_strsplit(whole, "\n", -1),
                                 .sections = g_array_new(FALSE, FALSE, sizeof(Section)),
                                 .text = g_string_new(NULL),
                                 .from = g_array_new(FALSE, FALSE, sizeof(guint))};
    g_autoptr(GError) failed = NULL;
    gboolean is_read = read_file(&expander, &failed);
    if (failed) {
        g_propagate_error(error, g_steal_pointer(&failed));
        return FALSE;
    }
    if (!is_read || !is_to_expand(&expander)) return TRUE;
    if (!write_all(&expander, error)) return FALSE;
    ret->text = g_strdup(expander.text->str);
    ret->lines = g_memdup2(expander.from->data, expander.from->len * sizeof(guint));
    return TRUE;
}
