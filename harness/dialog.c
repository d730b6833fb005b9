#include "dialog.h"

static void step_free(gpointer data) {
    DialogStep *step = data;
    g_free(step->shown);
    g_clear_pointer(&step->wait, g_regex_unref);
    g_clear_pointer(&step->send, g_bytes_unref);
    g_free(step);
}

GPtrArray *dialog_steps(void) { return g_ptr_array_new_with_free_func(step_free); }

void dialog_add(GPtrArray *steps, const char *shown, GRegex *regex, GBytes *send) {
    DialogStep *step = g_new0(DialogStep, 1);
    step->shown = g_strdup(shown);
    step->wait = regex;
    step->send = send;
    g_ptr_array_add(steps, step);
}

GRegex *dialog_regex(const char *text, GError **error) {
    /* Raw: what a guest prints need not be UTF-8. */
    return g_regex_new(text, G_REGEX_RAW | G_REGEX_MULTILINE | G_REGEX_OPTIMIZE,
                       G_REGEX_MATCH_NEWLINE_ANYCRLF, error);
}

void dialog_init(Dialog *dialog, const GPtrArray *steps) {
    *dialog = (Dialog){.steps = steps, .seen = g_byte_array_new()};
}

void dialog_clear(Dialog *dialog) { g_byte_array_unref(dialog->seen); }

static const DialogStep *due(const Dialog *dialog) {
    return dialog->next < dialog->steps->len ? dialog->steps->pdata[dialog->next] : NULL;
}

/* Looks for what is waited for; forgets all up to its end. */
static gboolean match(Dialog *dialog, const GRegex *regex) {
    g_autoptr(GMatchInfo) info = NULL;
    int start, end;
    /* An expression that takes too long (PCRE has a limit) has not matched. */
    if (dialog->seen->len == 0 ||
        !g_regex_match_full(regex, (const char *)dialog->seen->data, (gssize)dialog->seen->len, 0,
                            0, &info, NULL) ||
        !g_match_info_fetch_pos(info, 0, &start, &end))
        return FALSE;
    g_byte_array_remove_range(dialog->seen, 0, (guint)end);
    return TRUE;
}

guint dialog_feed(Dialog *dialog, const guint8 *data, gsize length) {
    guint matched = 0;
    if (dialog->steps->len == 0) return 0;
    if (length > 2 * DIALOG_WINDOW) {
        data += length - 2 * DIALOG_WINDOW;
        length = 2 * DIALOG_WINDOW;
    }
    if (length > 0) g_byte_array_append(dialog->seen, data, (guint)length);
    for (const DialogStep *step; (step = due(dialog)) && step->wait; matched++) {
        if (!match(dialog, step->wait)) break;
        dialog->next++;
    }
    /* Twice the window before it is cut, so that cutting costs little a byte. */
    if (dialog->seen->len > 2 * DIALOG_WINDOW)
        g_byte_array_remove_range(dialog->seen, 0, dialog->seen->len - DIALOG_WINDOW);
    return matched;
}

GBytes *dialog_take(Dialog *dialog) {
    const DialogStep *step = due(dialog);
    if (!step || !step->send) return NULL;
    dialog->next++;
    return step->send;
}

gboolean dialog_is_done(const Dialog *dialog) {
    return dialog->steps->len > 0 && dialog->next == dialog->steps->len;
}
