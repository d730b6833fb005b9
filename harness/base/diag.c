#include "base/diag.h"
#include "base/error.h"
#include "base/text.h"
#include <string.h>

/* A longer line is cut on both sides of the caret, to keep the message readable. */
#define SHOWN_BEFORE_MAX 60
#define SHOWN_AFTER_MAX  40

static gsize line_begin(const DiagFile *file, gsize at) {
    while (at > 0 && file->text[at - 1] != '\n')
        at--;
    return at;
}

static gsize line_end(const DiagFile *file, gsize at) {
    const char *newline = memchr(file->text + at, '\n', file->length - at);
    return newline ? (gsize)(newline - file->text) : file->length;
}

static gboolean is_continuation(char c) { return (c & 0xc0) == 0x80; }

/* UTF-8 characters in [begin, end); a stray byte counts as one. */
static gsize count_chars(const DiagFile *file, gsize begin, gsize end) {
    gsize count = 0;
    for (gsize i = begin; i < end; i++)
        count += !is_continuation(file->text[i]);
    return count;
}

/* The bytes of [begin, end) for a terminal: control bytes and tabs become one space or '?'. */
static void append_shown(GString *out, const DiagFile *file, gsize begin, gsize end) {
    for (gsize i = begin; i < end; i++) {
        guchar c = (guchar)file->text[i];
        g_string_append_c(out, c == '\t' ? ' ' : c < 0x20 || c == 0x7f ? '?' : (char)c);
    }
}

/* The line with a '?' for each character that must not reach a terminal or a report as it is, or is
 * not UTF-8: one column for each, as the caret counts them. */
static char *make_visible(const GString *line) {
    g_autofree char *valid = g_utf8_make_valid(line->str, (gssize)line->len);
    GString *out = g_string_sized_new(line->len);
    for (const char *at = valid; *at; at = g_utf8_next_char(at)) {
        gunichar c = g_utf8_get_char(at);
        g_string_append_unichar(out, text_is_hidden(c) ? '?' : c);
    }
    return g_string_free(out, FALSE);
}

gsize diag_line(const DiagFile *file, DiagSpan span) {
    gsize line = 1;
    for (gsize i = 0; i < span.begin; i++)
        line += file->text[i] == '\n';
    return file->lines ? file->lines[line - 1] : line;
}

gboolean diag_error(GError **error, const DiagFile *file, DiagSpan span, const char *format, ...) {
    g_return_val_if_fail(span.begin <= span.end && span.end <= file->length, FALSE);
    va_list args;
    va_start(args, format);
    g_autofree char *raw = g_strdup_vprintf(format, args);
    va_end(args);
    g_autofree char *message = text_visible(raw, strlen(raw));

    gsize begin = line_begin(file, span.begin), end = line_end(file, span.begin);
    gsize shown_from = begin, shown_to = end;
    if (span.begin - begin > SHOWN_BEFORE_MAX) shown_from = span.begin - SHOWN_BEFORE_MAX;
    if (end - span.begin > SHOWN_AFTER_MAX) shown_to = span.begin + SHOWN_AFTER_MAX;
    while (shown_from < span.begin && is_continuation(file->text[shown_from]))
        shown_from++;
    while (shown_to > span.begin && shown_to < end && is_continuation(file->text[shown_to]))
        shown_to--;
    g_autoptr(GString) shown = g_string_new(NULL);
    append_shown(shown, file, shown_from, shown_to);
    g_autofree char *visible = make_visible(shown);

    gsize indent = count_chars(file, shown_from, span.begin);
    gsize under = count_chars(file, span.begin, MIN(span.end, shown_to));
    g_autofree char *tail = g_strnfill(under > 1 ? under - 1 : 0, '~');
    g_set_error(error, HARNESS_ERROR, HARNESS_ERROR_GATE,
                "%s:%" G_GSIZE_FORMAT ":%" G_GSIZE_FORMAT ": error: %s\n    %s\n    %*s^%s",
                file->name, diag_line(file, span), count_chars(file, begin, span.begin) + 1,
                message, visible, (int)indent, "", tail);
    return FALSE;
}

/* Known words are short; a longer word is not a misspelling of any. */
#define WORD_MAX 40

static guint edit_distance(const char *a, const char *b) {
    guint rows[WORD_MAX + 1][WORD_MAX + 1];
    guint m = (guint)strlen(a), n = (guint)strlen(b);
    for (guint i = 0; i <= m; i++)
        rows[i][0] = i;
    for (guint j = 0; j <= n; j++)
        rows[0][j] = j;
    for (guint i = 1; i <= m; i++) {
        for (guint j = 1; j <= n; j++) {
            guint best = rows[i - 1][j - 1] + (a[i - 1] != b[j - 1]);
            best = MIN(best, rows[i - 1][j] + 1);
            best = MIN(best, rows[i][j - 1] + 1);
            if (i > 1 && j > 1 && a[i - 1] == b[j - 2] && a[i - 2] == b[j - 1])
                best = MIN(best, rows[i - 2][j - 2] + 1);
            rows[i][j] = best;
        }
    }
    return rows[m][n];
}

const char *diag_nearest(const char *word, const char *const *known) {
    const char *nearest = NULL;
    gsize length = strlen(word);
    if (length == 0 || length > WORD_MAX) return NULL;
    guint best = (guint)MAX(2, length / 3) + 1;
    for (; *known; known++) {
        if (strlen(*known) > WORD_MAX) continue;
        guint distance = edit_distance(word, *known);
        /* A word of which nothing is left is not a misspelling. */
        if (distance < best && distance < strlen(*known)) {
            best = distance;
            nearest = *known;
        }
    }
    return nearest;
}
