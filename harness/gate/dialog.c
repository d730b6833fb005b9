#include "gate/dialog.h"

/* Unneeded text is dropped only when it exceeds this, which amortizes the cost. */
#define SLACK_BYTES (64 * 1024)

static void step_free(gpointer data) {
    DialogStep *step = data;
    g_free(step->shown);
    g_clear_pointer(&step->regex, regex_free);
    g_clear_pointer(&step->send, g_bytes_unref);
    g_free(step);
}

GPtrArray *dialog_steps(void) { return g_ptr_array_new_with_free_func(step_free); }

static DialogStep *add(GPtrArray *steps, DialogKind kind, const char *shown) {
    DialogStep *step = g_new0(DialogStep, 1);
    step->kind = kind;
    step->shown = g_strdup(shown);
    g_ptr_array_add(steps, step);
    return step;
}

void dialog_add_wait(GPtrArray *steps, const char *shown, Regex *regex) {
    add(steps, DIALOG_WAIT, shown)->regex = regex;
}

void dialog_add_quiet(GPtrArray *steps, const char *shown, Regex *regex, gint64 quiet_ns) {
    DialogStep *step = add(steps, DIALOG_QUIET, shown);
    step->regex = regex;
    step->quiet_ns = quiet_ns;
}

void dialog_add_send(GPtrArray *steps, const char *shown, GBytes *send) {
    add(steps, DIALOG_SEND, shown)->send = send;
}

gboolean dialog_judges(const GPtrArray *steps) {
    for (guint i = 0; i < steps->len; i++)
        if (((const DialogStep *)steps->pdata[i])->kind != DIALOG_SEND) return TRUE;
    return FALSE;
}

void dialog_init(Dialog *dialog, const GPtrArray *steps) {
    *dialog = (Dialog){.steps = steps, .text = g_byte_array_new()};
    for (guint i = 0; i < steps->len; i++) {
        const DialogStep *step = steps->pdata[i];
        if (step->regex) dialog->context = MAX(dialog->context, regex_lookbehind(step->regex));
    }
    /* "^" looks back at a newline, which may have two bytes. */
    dialog->context += 2;
}

void dialog_clear(Dialog *dialog) {
    g_byte_array_unref(dialog->text);
    g_free(dialog->matched);
    g_free(dialog->failure);
}

static const DialogStep *due(const Dialog *dialog) {
    return dialog->next < dialog->steps->len ? dialog->steps->pdata[dialog->next] : NULL;
}

static RegexResult search(const Dialog *dialog, gboolean is_end, gsize *ret_begin, gsize *ret_end,
                          GError **error) {
    *ret_begin = *ret_end = dialog->from;
    return regex_search(due(dialog)->regex, dialog->text->data, dialog->text->len, dialog->from,
                        is_end, ret_begin, ret_end, error);
}

static void keep_matched(Dialog *dialog, gsize begin, gsize end) {
    const char *text = (const char *)dialog->text->data + begin;
    g_free(dialog->matched);
    dialog->matched = g_strndup(text, MIN(end - begin, DIALOG_MATCHED_MAX));
}

/* Searches for the match of the current step; text without a match is not searched again. */
static void look(Dialog *dialog, gboolean is_end) {
    g_autoptr(GError) error = NULL;
    gsize begin, end;
    const char *shown = due(dialog)->shown;
    RegexResult result = search(dialog, is_end, &begin, &end, &error);
    dialog->found = result == REGEX_FOUND;
    if (result == REGEX_FOUND) {
        dialog->from = end;
        keep_matched(dialog, begin, end);
    } else if (!is_end) {
        dialog->from = begin;
    }
    if (result == REGEX_FAILED)
        dialog->failure = g_strdup_printf("\"%s\": %s", shown, error->message);
    else if (!dialog->found && dialog->text->len - dialog->from > DIALOG_MATCH_MAX)
        dialog->failure = g_strdup_printf("\"%s\" could still match text that began %d bytes ago: "
                                          "make the expression more specific (a leading \".*\" "
                                          "is not needed)",
                                          shown, DIALOG_MATCH_MAX);
}

/* Whether the current step, which waits, is done. */
static gboolean is_met(Dialog *dialog, gboolean is_end) {
    if (!dialog->found) look(dialog, is_end);
    return dialog->found && (due(dialog)->kind == DIALOG_WAIT || is_end);
}

/* Ends the waits that match, the first of them with `is_end`, the others with `all_end`. */
static guint advance(Dialog *dialog, gboolean is_end, gboolean all_end) {
    guint before = dialog->next;
    const DialogStep *step;
    while (!dialog->failure && (step = due(dialog)) && step->regex && is_met(dialog, is_end)) {
        dialog->found = FALSE;
        dialog->next++;
        is_end = all_end;
    }
    if (dialog->from > dialog->context + SLACK_BYTES) {
        gsize unseen = dialog->from - dialog->context;
        g_byte_array_remove_range(dialog->text, 0, (guint)unseen);
        dialog->from -= unseen;
    }
    return dialog->next - before;
}

guint dialog_feed(Dialog *dialog, const guint8 *data, gsize length) {
    if (dialog->steps->len == 0 || dialog_is_done(dialog)) return 0;
    if (length > 0) g_byte_array_append(dialog->text, data, (guint)length);
    return advance(dialog, FALSE, FALSE);
}

gint64 dialog_quiet_ns(const Dialog *dialog) {
    const DialogStep *step = due(dialog);
    return step && step->kind == DIALOG_QUIET ? step->quiet_ns : 0;
}

guint dialog_quiet(Dialog *dialog) { return advance(dialog, TRUE, FALSE); }

guint dialog_end(Dialog *dialog) { return advance(dialog, TRUE, TRUE); }

gboolean dialog_is_open(const Dialog *dialog) {
    const DialogStep *step = due(dialog);
    gsize begin, end;
    return step && step->kind == DIALOG_WAIT &&
           search(dialog, TRUE, &begin, &end, NULL) == REGEX_FOUND;
}

GBytes *dialog_take(Dialog *dialog) {
    const DialogStep *step = due(dialog);
    if (!step || step->kind != DIALOG_SEND) return NULL;
    dialog->next++;
    return step->send;
}

gboolean dialog_is_done(const Dialog *dialog) {
    return dialog->steps->len > 0 && dialog->next == dialog->steps->len;
}
