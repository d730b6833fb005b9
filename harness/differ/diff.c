#include "differ/diff.h"
#include "base/text.h"
#include <stdarg.h>
#include <string.h>

/* Bytes of a text that a sentence shows. */
#define SHOWN_BYTES 64
/* Of them, those before the difference. */
#define SHOWN_BEFORE 28

Diff *diff_new(const char *format, ...) {
    va_list args;
    va_start(args, format);
    Diff *diff = g_new0(Diff, 1);
    *diff = (Diff){g_strdup_vprintf(format, args), g_ptr_array_new_with_free_func(g_free)};
    va_end(args);
    return diff;
}

void diff_free(Diff *diff) {
    g_free(diff->cause);
    g_ptr_array_unref(diff->lines);
    g_free(diff);
}

void diff_line(Diff *diff, const char *format, ...) {
    va_list args;
    va_start(args, format);
    g_ptr_array_add(diff->lines, g_strdup_vprintf(format, args));
    va_end(args);
}

void diff_within(Diff *diff, const char *where) {
    g_autofree char *cause = diff->cause;
    diff->cause = g_strconcat(where, ": ", cause, NULL);
}

void diff_more(Diff *diff, const char *format, ...) {
    va_list args;
    va_start(args, format);
    g_autofree char *more = g_strdup_vprintf(format, args);
    va_end(args);
    g_autofree char *cause = diff->cause;
    diff->cause = g_strconcat(cause, more, NULL);
}

void diff_also(Diff *diff, Diff *other) {
    g_autofree char *line = g_strconcat("also: ", other->cause, NULL);
    gboolean is_known = strcmp(diff->cause, other->cause) == 0;
    for (guint i = 0; !is_known && i < diff->lines->len; i++)
        is_known = strcmp(diff->lines->pdata[i], line) == 0;
    if (!is_known) g_ptr_array_add(diff->lines, g_steal_pointer(&line));
    diff_free(other);
}

DiffSide diff_part(const DiffSide *side, gsize at, gsize size) {
    return (DiffSide){side->name, side->data + at, size, side->is_mapped};
}

char *diff_number(guint64 number) {
    char digits[32];
    int length = g_snprintf(digits, sizeof digits, "%" G_GUINT64_FORMAT, number);
    GString *out = g_string_new(NULL);
    for (int i = 0; i < length; i++) {
        if (i && (length - i) % 3 == 0) g_string_append_c(out, ',');
        g_string_append_c(out, digits[i]);
    }
    return g_string_free(out, FALSE);
}

/* A cut in the middle of a character would show its bytes as \xHH. */
static gboolean is_inside(const guint8 *text, gsize at) { return (text[at] & 0xc0) == 0x80; }

char *diff_quoted(const void *text, gsize length, gsize at) {
    const guint8 *bytes = text;
    gsize from = 0, to = length;
    if (length > SHOWN_BYTES) {
        at = MIN(at, length);
        from = at > SHOWN_BEFORE ? at - SHOWN_BEFORE : 0;
        from = MIN(from, length - SHOWN_BYTES);
        to = from + SHOWN_BYTES;
        for (guint i = 0; i < 3 && from > 0 && is_inside(bytes, from); i++)
            from--;
        for (guint i = 0; i < 3 && to < length && is_inside(bytes, to); i++)
            to++;
    }
    g_autofree char *quoted = text_quoted(length ? bytes + from : bytes, to - from);
    return g_strconcat(from > 0 ? "..." : "", quoted, to < length ? "..." : "", NULL);
}
