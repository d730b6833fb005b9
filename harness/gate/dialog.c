#include "gate/dialog.h"
#include <string.h>

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

void dialog_add_maybe(GPtrArray *steps, const char *shown, Regex *regex) {
    add(steps, DIALOG_MAYBE, shown)->regex = regex;
}

void dialog_add_quiet(GPtrArray *steps, const char *shown, Regex *regex, gint64 quiet_ns) {
    DialogStep *step = add(steps, DIALOG_QUIET, shown);
    step->regex = regex;
    step->quiet_ns = quiet_ns;
}

void dialog_add_send(GPtrArray *steps, const char *shown, GBytes *send) {
    add(steps, DIALOG_SEND, shown)->send = send;
}

/* The number in "{N}" at `at`, or -1. */
static int placeholder(const char *at, const char *end) {
    return end - at >= 3 && at[0] == '{' && g_ascii_isdigit(at[1]) && at[2] == '}' ? at[1] - '0'
                                                                                   : -1;
}

gboolean dialog_add_answer(GPtrArray *steps, const char *shown, GBytes *send, guint *ret_groups) {
    gsize length;
    const char *text = g_bytes_get_data(send, &length), *end = text + length;
    *ret_groups = 0;
    for (guint i = 0; i < steps->len; i++) {
        const DialogStep *step = steps->pdata[i];
        if (step->regex) *ret_groups = MIN(regex_groups(step->regex), DIALOG_GROUPS_MAX);
    }
    gboolean is_fine = TRUE;
    for (const char *at = text; at < end; at++)
        is_fine &= placeholder(at, end) <= (int)*ret_groups;
    add(steps, DIALOG_ANSWER, shown)->send = send;
    return is_fine;
}

static gboolean is_required(const DialogStep *step) {
    return step->kind == DIALOG_WAIT || step->kind == DIALOG_QUIET;
}

guint dialog_required(const GPtrArray *steps, guint from) {
    while (from < steps->len && !is_required(steps->pdata[from]))
        from++;
    return from;
}

gboolean dialog_judges(const GPtrArray *steps) { return dialog_required(steps, 0) < steps->len; }

const DialogStep *dialog_endless(const GPtrArray *steps) {
    for (guint i = 0; i < steps->len; i++) {
        const DialogStep *step = steps->pdata[i];
        guint next = dialog_required(steps, i);
        if (step->kind == DIALOG_MAYBE &&
            (next == steps->len || ((const DialogStep *)steps->pdata[next])->kind == DIALOG_QUIET))
            return step;
    }
    return NULL;
}

static void group_free(gpointer bytes) {
    if (bytes) g_bytes_unref(bytes);
}

void dialog_init(Dialog *dialog, const GPtrArray *steps) {
    *dialog = (Dialog){.steps = steps,
                       .text = g_byte_array_new(),
                       .groups = g_ptr_array_new_with_free_func(group_free),
                       .held = g_string_new(NULL)};
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
    g_ptr_array_unref(dialog->groups);
    g_clear_pointer(&dialog->answer, g_bytes_unref);
    g_string_free(dialog->held, TRUE);
    g_free(dialog->failure);
}

static const DialogStep *due(const Dialog *dialog) {
    return dialog->next < dialog->steps->len ? dialog->steps->pdata[dialog->next] : NULL;
}

static void keep_matched(Dialog *dialog, gsize begin, gsize end) {
    /* GLib has no bytes for an empty array. */
    const char *text = dialog->text->len > 0 ? (const char *)dialog->text->data : "";
    const Regex *regex = due(dialog)->regex;
    g_free(dialog->matched);
    dialog->matched = g_strndup(text + begin, MIN(end - begin, DIALOG_MATCHED_MAX));
    g_ptr_array_set_size(dialog->groups, 0);
    for (guint i = 0; i <= MIN(regex_groups(regex), DIALOG_GROUPS_MAX); i++) {
        gboolean is_set = regex_group(regex, i, &begin, &end);
        g_ptr_array_add(dialog->groups, is_set ? g_bytes_new(text + begin, end - begin) : NULL);
    }
}

/* What a search of the current step, or of those of which one is to match, has found. */
typedef struct {
    RegexResult result;
    guint step;
    gsize begin, end; /* FOUND: of the match; OPEN, NONE: where one may begin */
} Search;

/* Of a found and an open match, the one that begins earlier counts, of two at the same place that
 * of the earlier step, wherever the text was cut. */
static gboolean is_before(const Search *one, const Search *other) {
    return one->begin < other->begin;
}

/* Searches for the steps of which the first in the text is to match: a WAIT or QUIET alone, or each
 * MAYBE and the WAIT after them. */
static Search search(const Dialog *dialog, gboolean is_end, GError **error) {
    guint last = dialog_required(dialog->steps, dialog->next);
    Search best = {.result = REGEX_NONE, .begin = dialog->text->len};
    for (guint i = dialog->next; i <= last && i < dialog->steps->len; i++) {
        const DialogStep *step = dialog->steps->pdata[i];
        Search found = {REGEX_NONE, i, dialog->from, dialog->from};
        if (!step->regex) continue;
        found.result = regex_search(step->regex, dialog->text->data, dialog->text->len,
                                    dialog->from, is_end, &found.begin, &found.end, error);
        if (found.result == REGEX_FAILED) return found;
        if (found.result == REGEX_NONE) {
            if (best.result == REGEX_NONE) best.begin = MIN(best.begin, found.begin);
        } else if (best.result == REGEX_NONE || is_before(&found, &best)) {
            best = found;
        }
    }
    return best;
}

/* Searches for the match of the current step; text without a match is not searched again. */
static void look(Dialog *dialog, gboolean is_end) {
    g_autoptr(GError) error = NULL;
    const char *shown = due(dialog)->shown;
    Search found = search(dialog, is_end, &error);
    dialog->found = found.result == REGEX_FOUND;
    if (dialog->found) {
        dialog->next = found.step;
        dialog->from = found.end;
        keep_matched(dialog, found.begin, found.end);
    } else if (!is_end) {
        dialog->from = found.begin;
    }
    if (found.result == REGEX_FAILED)
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
    return dialog->found && (due(dialog)->kind != DIALOG_QUIET || is_end);
}

/* Ends the waits that match, the first of them with `is_end`, the others with `all_end`. */
static guint advance(Dialog *dialog, gboolean is_end, gboolean all_end) {
    guint met = 0;
    const DialogStep *step;
    while (!dialog->failure && (step = due(dialog)) && step->regex && is_met(dialog, is_end)) {
        dialog->found = FALSE;
        dialog->next++;
        met++;
        is_end = all_end;
    }
    if (dialog->from > dialog->context + SLACK_BYTES) {
        gsize unseen = dialog->from - dialog->context;
        g_byte_array_remove_range(dialog->text, 0, (guint)unseen);
        dialog->from -= unseen;
    }
    return met;
}

/* ---- Queries of shells to a terminal ---- */

/* Whether the held bytes begin a query; *ret_whole if they are one. */
static gboolean begins_query(const GString *held, gboolean *ret_whole) {
    static const char *const queries[] = {"\033[6n", "\033[5n", "\033[c", "\033[0c"};
    gboolean begins = FALSE;
    *ret_whole = FALSE;
    for (guint i = 0; i < G_N_ELEMENTS(queries); i++) {
        begins |= g_str_has_prefix(queries[i], held->str);
        *ret_whole |= strcmp(queries[i], held->str) == 0;
    }
    return begins;
}

static void release(Dialog *dialog, gsize count) {
    g_byte_array_append(dialog->text, (guint8 *)dialog->held->str, (guint)count);
    g_string_erase(dialog->held, 0, (gssize)count);
}

/* Appends a byte to the text, unless it belongs to a query. */
static void add_byte(Dialog *dialog, guint8 byte) {
    gboolean is_whole;
    if (dialog->held->len == 0 && byte != '\033') {
        g_byte_array_append(dialog->text, &byte, 1);
        return;
    }
    g_string_append_c(dialog->held, (char)byte);
    while (dialog->held->len > 0 && (!byte || !begins_query(dialog->held, &is_whole)))
        release(dialog, byte ? 1 : dialog->held->len);
    if (dialog->held->len > 0 && is_whole) g_string_truncate(dialog->held, 0);
}

static void add_text(Dialog *dialog, const guint8 *data, gsize length) {
    /* Most text has no escape. */
    gsize plain = dialog->held->len > 0 || length == 0 ? 0 : length;
    const guint8 *escape = plain ? memchr(data, '\033', length) : NULL;
    if (escape) plain = (gsize)(escape - data);
    if (plain > 0) g_byte_array_append(dialog->text, data, (guint)plain);
    for (gsize i = plain; i < length; i++)
        add_byte(dialog, data[i]);
}

guint dialog_feed(Dialog *dialog, const guint8 *data, gsize length) {
    if (dialog->steps->len == 0 || dialog_is_done(dialog)) return 0;
    add_text(dialog, data, length);
    return advance(dialog, FALSE, FALSE);
}

gint64 dialog_within_ns(const Dialog *dialog) {
    const DialogStep *step = due(dialog);
    guint next = dialog_required(dialog->steps, dialog->next);
    if (!step || !step->regex || next == dialog->steps->len) return 0;
    return ((const DialogStep *)dialog->steps->pdata[next])->within_ns;
}

gint64 dialog_quiet_ns(const Dialog *dialog) {
    const DialogStep *step = due(dialog);
    return step && step->kind == DIALOG_QUIET ? step->quiet_ns : 0;
}

guint dialog_quiet(Dialog *dialog) {
    release(dialog, dialog->held->len);
    return advance(dialog, TRUE, FALSE);
}

guint dialog_end(Dialog *dialog) {
    release(dialog, dialog->held->len);
    return advance(dialog, TRUE, TRUE);
}

gboolean dialog_is_open(const Dialog *dialog) {
    const DialogStep *step = due(dialog);
    return step && step->regex && step->kind != DIALOG_QUIET &&
           search(dialog, TRUE, NULL).result == REGEX_FOUND;
}

/* The text of an answer, with the groups of the last match; one that took no part is empty. */
static GBytes *fill(const Dialog *dialog, GBytes *text) {
    gsize length, size;
    const char *at = g_bytes_get_data(text, &length), *end = at + length;
    GByteArray *filled = g_byte_array_new();
    while (at < end) {
        int number = placeholder(at, end);
        GBytes *group =
            number >= 0 && number < (int)dialog->groups->len ? dialog->groups->pdata[number] : NULL;
        const guint8 *data = group ? g_bytes_get_data(group, &size) : NULL;
        if (number < 0)
            g_byte_array_append(filled, (const guint8 *)at, 1);
        else if (data)
            g_byte_array_append(filled, data, (guint)size);
        at += number < 0 ? 1 : 3;
    }
    return g_byte_array_free_to_bytes(filled);
}

GBytes *dialog_take(Dialog *dialog) {
    const DialogStep *step = due(dialog);
    if (!step || step->regex) return NULL;
    dialog->next++;
    if (step->kind == DIALOG_SEND) return step->send;
    g_clear_pointer(&dialog->answer, g_bytes_unref);
    return dialog->answer = fill(dialog, step->send);
}

gboolean dialog_is_done(const Dialog *dialog) {
    return dialog->steps->len > 0 && dialog->next == dialog->steps->len;
}
