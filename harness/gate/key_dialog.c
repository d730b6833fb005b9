/* The types of dialogs, GPtrArray of DialogStep, and of those on further ports. */
#include "gate/include.h"
#include "gate/key_type.h"
#include <string.h>

static Regex *parse_regex(const KeyContext *context, DiagSpan text, GBytes *pattern,
                          GError **error) {
    gsize length;
    const char *data = g_bytes_get_data(pattern, &length);
    g_autoptr(GError) failed = NULL;
    Regex *regex = length > 0 ? regex_new(data, length, &failed) : NULL;
    if (!regex)
        diag_error(error, context->file, text, "%s",
                   failed ? failed->message : "an empty expression always matches");
    return regex;
}

/* Reads the text in quotes that ends a step from *rest. */
static GBytes *parse_step_text(const KeyContext *context, DiagSpan step, DiagSpan *rest,
                               DiagSpan *ret_text, GError **error) {
    gboolean quoted = FALSE;
    GError *failed = NULL;
    if (lex_word(context->file, rest, ret_text, &quoted, &failed) && quoted)
        return lex_unquote(context->file, *ret_text, error);
    if (failed)
        g_propagate_error(error, failed);
    else
        diag_error(error, context->file, step, "expected a text in quotes after this");
    return NULL;
}

static gboolean parse_quiet(const KeyContext *context, DiagSpan step, DiagSpan *rest,
                            gint64 *ret_ns, GError **error) {
    DiagSpan word;
    gboolean quoted = FALSE;
    if (!lex_word(context->file, rest, &word, &quoted, NULL) || quoted)
        return diag_error(
            error, context->file, step,
            "expected a duration and a text in quotes after this: quiet 200ms \"# $\"");
    if (!key_parse_duration(context->file, word, ret_ns, error)) return FALSE;
    return *ret_ns > 0 || diag_error(error, context->file, word, "the duration must not be 0");
}

static gboolean add_answer(GPtrArray *steps, const KeyContext *context, DiagSpan text,
                           const char *shown, GBytes *bytes, GError **error) {
    guint groups;
    return dialog_add_answer(steps, shown, bytes, &groups) ||
           diag_error(error, context->file, text,
                      "the expression before has %u group%s in parentheses, {1} to {9}", groups,
                      groups == 1 ? "" : "s");
}

/* "within 5s" after a wait. */
static gboolean parse_within(GPtrArray *steps, const KeyContext *context, DiagSpan word,
                             DiagSpan *rest, GError **error) {
    DialogStep *step = steps->len > 0 ? steps->pdata[steps->len - 1] : NULL;
    DiagSpan limit;
    gboolean quoted = FALSE;
    if (!step || step->kind != DIALOG_WAIT || step->within_ns)
        return diag_error(error, context->file, word, "\"within\" follows a wait, once");
    if (!lex_word(context->file, rest, &limit, &quoted, NULL) || quoted)
        return diag_error(error, context->file, word,
                          "expected a duration after this: wait \"ready\" within 5s");
    if (!key_parse_duration(context->file, limit, &step->within_ns, error)) return FALSE;
    return step->within_ns > 0 ||
           diag_error(error, context->file, limit, "the duration must not be 0");
}

/* Parses a step whose first word is `word`; the rest comes from *rest. */
static gboolean parse_step(GPtrArray *steps, const KeyContext *context, DiagSpan word,
                           DiagSpan *rest, GError **error) {
    gboolean is_quiet = lex_equal(context->file, word, "quiet");
    gboolean is_send = lex_equal(context->file, word, "send");
    gboolean is_answer = lex_equal(context->file, word, "answer");
    gboolean is_maybe = lex_equal(context->file, word, "maybe");
    gint64 quiet_ns = 0;
    DiagSpan text;
    if (lex_equal(context->file, word, INCLUDE_WORD))
        return diag_error(error, context->file, word,
                          "include needs the name of a section [dialog NAME] of this file");
    if (!is_quiet && !is_send && !is_answer && !is_maybe && !lex_equal(context->file, word, "wait"))
        return diag_error(
            error, context->file, word,
            "expected wait, maybe, quiet, send, answer or include, or within after a wait");
    if (is_quiet && !parse_quiet(context, word, rest, &quiet_ns, error)) return FALSE;
    g_autoptr(GBytes) bytes = parse_step_text(context, word, rest, &text, error);
    if (!bytes) return FALSE;
    g_autofree char *shown = lex_dup(context->file, text);
    if (is_answer) return add_answer(steps, context, text, shown, g_steal_pointer(&bytes), error);
    if (is_send) {
        dialog_add_send(steps, shown, g_steal_pointer(&bytes));
        return TRUE;
    }
    Regex *regex = parse_regex(context, text, bytes, error);
    if (!regex) return FALSE;
    if (is_quiet)
        dialog_add_quiet(steps, shown, regex, quiet_ns);
    else
        (is_maybe ? dialog_add_maybe : dialog_add_wait)(steps, shown, regex);
    return TRUE;
}

static void init_dialog(void *value) { *(GPtrArray **)value = dialog_steps(); }

static void clear_dialog(void *value) { g_clear_pointer((GPtrArray **)value, g_ptr_array_unref); }

/* A dialog is set as a whole, so all cases that have it share it. */
static void copy_dialog(void *to, const void *from) {
    *(GPtrArray **)to = g_ptr_array_ref(*(GPtrArray *const *)from);
}

/* The first line of a section replaces the steps of another case; further lines add to them. */
static GPtrArray *begin_line(void *value, const KeyContext *context) {
    if (!context->is_again) {
        clear_dialog(value);
        init_dialog(value);
    }
    return *(GPtrArray **)value;
}

static gboolean parse_steps(GPtrArray *steps, const KeyContext *context, GError **error) {
    GError *failed = NULL;
    DiagSpan rest = context->line->value, word;
    gboolean quoted;
    gboolean has_word = FALSE;
    while (lex_word(context->file, &rest, &word, &quoted, &failed)) {
        has_word = TRUE;
        if (!(lex_equal(context->file, word, "within") ? parse_within : parse_step)(
                steps, context, word, &rest, &failed))
            break;
    }
    if (failed) {
        g_propagate_error(error, failed);
        return FALSE;
    }
    return has_word || key_refuse(context, error, "missing word");
}

static gboolean parse_dialog(void *value, const KeyContext *context, GError **error) {
    return parse_steps(begin_line(value, context), context, error);
}

static void show_dialog(const void *value, const char *key, GPtrArray *lines) {
    const GPtrArray *steps = *(GPtrArray *const *)value;
    for (guint i = 0; i < steps->len; i++) {
        const DialogStep *step = steps->pdata[i];
        static const char *const words[] = {"wait", "maybe", "quiet ", "send", "answer"};
        g_autofree char *quiet = key_duration(step->quiet_ns);
        g_autofree char *within = key_duration(step->within_ns);
        key_show(lines, key, "%s%s \"%s\"%s%s", words[step->kind],
                 step->kind == DIALOG_QUIET ? quiet : "", step->shown,
                 step->within_ns ? " within " : "", step->within_ns ? within : "");
    }
}

/* ---- Dialogs on further ports: GPtrArray of GateTalk ---- */

static void talk_free(gpointer talk) { gate_talk_free(talk); }

static void init_talks(void *value) {
    *(GPtrArray **)value = g_ptr_array_new_with_free_func(talk_free);
}

static gpointer copy_talk(gconstpointer from, gpointer data) {
    (void)data;
    GateTalk *talk = g_memdup2(from, sizeof *talk);
    talk->port = g_strdup(talk->port);
    g_ptr_array_ref(talk->steps);
    return talk;
}

static void copy_talks(void *to, const void *from) {
    *(GPtrArray **)to = g_ptr_array_copy(*(GPtrArray *const *)from, copy_talk, NULL);
    g_ptr_array_set_free_func(*(GPtrArray **)to, talk_free);
}

/* The dialog on the port that the line names. */
static GateTalk *find_talk(GPtrArray *talks, const KeyContext *context) {
    g_autofree char *port = lex_dup(context->file, context->line->argument);
    for (guint i = 0; i < talks->len; i++) {
        GateTalk *talk = talks->pdata[i];
        if (strcmp(talk->port, port) == 0) return talk;
    }
    GateTalk *talk = g_new0(GateTalk, 1);
    *talk = (GateTalk){g_steal_pointer(&port), context->line->argument, dialog_steps()};
    g_ptr_array_add(talks, talk);
    return talk;
}

static gboolean parse_talk(void *value, const KeyContext *context, GError **error) {
    GateTalk *talk = find_talk(*(GPtrArray **)value, context);
    talk->span = context->line->argument;
    return parse_steps(begin_line(&talk->steps, context), context, error);
}

static void show_talks(const void *value, const char *key, GPtrArray *lines) {
    const GPtrArray *talks = *(GPtrArray *const *)value;
    for (guint i = 0; i < talks->len; i++) {
        const GateTalk *talk = talks->pdata[i];
        g_autofree char *named = g_strdup_printf("%s %s", key, talk->port);
        show_dialog(&talk->steps, named, lines);
    }
}

/* Expressions, each a wait: GPtrArray of DialogStep. */
static gboolean parse_expressions(void *value, const KeyContext *context, GError **error) {
    GError *failed = NULL;
    DiagSpan rest = context->line->value, word;
    gboolean quoted;
    GPtrArray *steps = begin_line(value, context);
    guint before = steps->len;
    while (lex_word(context->file, &rest, &word, &quoted, &failed)) {
        g_autoptr(GBytes) bytes = quoted ? lex_unquote(context->file, word, &failed) : NULL;
        if (!quoted) diag_error(&failed, context->file, word, "expected an expression in quotes");
        Regex *regex = bytes ? parse_regex(context, word, bytes, &failed) : NULL;
        if (!regex) break;
        g_autofree char *shown = lex_dup(context->file, word);
        dialog_add_wait(steps, shown, regex);
    }
    if (failed) {
        g_propagate_error(error, failed);
        return FALSE;
    }
    return steps->len > before || key_refuse(context, error, "missing expression");
}

static void show_expressions(const void *value, const char *key, GPtrArray *lines) {
    const GPtrArray *steps = *(GPtrArray *const *)value;
    for (guint i = 0; i < steps->len; i++)
        key_show(lines, key, "\"%s\"", ((const DialogStep *)steps->pdata[i])->shown);
}

const KeyType key_expressions = {sizeof(GPtrArray *), init_dialog,       clear_dialog,
                                 copy_dialog,         parse_expressions, show_expressions};

const KeyType key_dialog = {sizeof(GPtrArray *), init_dialog,  clear_dialog,
                            copy_dialog,         parse_dialog, show_dialog};

const KeyType key_talk = {sizeof(GPtrArray *), init_talks, clear_dialog,
                          copy_talks,          parse_talk, show_talks};
