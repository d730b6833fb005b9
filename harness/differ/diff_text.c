#include "differ/diff_text.h"
#include "base/text.h"
#include "differ/bytes.h"
#include "differ/words.h"
#include <stdlib.h>
#include <string.h>

/* Where a content is looked at to see whether it is text. */
#define LOOK_BYTES (32 * 1024)
/* Of them, one in so many may be a byte that text does not have. */
#define LOOK_ODD 32
/* Larger texts are not rewritten or sorted. */
#define SORT_BYTES (16 * 1024 * 1024)
#define BOM        "\xef\xbb\xbf"

typedef struct {
    gsize begin, end; /* without the newline */
} Line;

/* ---- Whether it is text ---- */

static gboolean is_odd(guint8 c) {
    return (c < ' ' && !strchr("\t\n\r\f\v\b\x1b", c)) || c == 0 || c == 0x7f;
}

static gboolean look(const DiffSide *side, gsize at) {
    gsize from = at > LOOK_BYTES / 2 ? at - LOOK_BYTES / 2 : 0;
    gsize to = MIN(side->size, from + LOOK_BYTES);
    gsize odd = 0;
    for (gsize i = from; i < to; i++)
        odd += is_odd(side->data[i]);
    for (const char *text = (const char *)side->data + from, *end = (const char *)side->data + to,
                    *bad;
         text < end; text = bad + 1) {
        if (g_utf8_validate(text, end - text, &bad)) break;
        odd += (guint8)*bad >= 0x80;
    }
    /* A short text may have one such byte, which is then what differs. */
    return odd * LOOK_ODD <= to - from || (odd == 1 && to - from >= 4);
}

static gboolean is_text(const DiffSide *side, gsize at) {
    return side->size > 0 && look(side, 0) && look(side, MIN(at, side->size));
}

/* ---- Lines ---- */

static Line line_at(const DiffSide *side, gsize at) {
    at = MIN(at, side->size);
    gsize begin = at;
    while (begin > 0 && side->data[begin - 1] != '\n')
        begin--;
    const guint8 *end = at < side->size ? memchr(side->data + at, '\n', side->size - at) : NULL;
    return (Line){begin, end ? (gsize)(end - side->data) : side->size};
}

static DiffSide line_side(const DiffSide *side, Line line) {
    return diff_part(side, line.begin, line.end - line.begin);
}

static guint64 count_lines(const DiffSide *side, gsize from, gsize to) {
    guint64 count = 0;
    for (const guint8 *at = side->data + from, *end = side->data + to;
         at < end && (at = memchr(at, '\n', (gsize)(end - at))); at++)
        count++;
    return count;
}

static char *quote_line(const DiffSide *side, Line line, gsize at) {
    return diff_quoted(side->data + line.begin, line.end - line.begin, at - MIN(at, line.begin));
}

/* ---- The whole of the texts ---- */

/* The text without carriage returns before newlines; NULL if it has none. */
static GString *without_cr(const DiffSide *side) {
    if (side->size > SORT_BYTES || !memchr(side->data, '\r', side->size)) return NULL;
    GString *text = g_string_sized_new(side->size);
    for (gsize i = 0; i < side->size; i++)
        if (side->data[i] != '\r' || i + 1 == side->size || side->data[i + 1] != '\n')
            g_string_append_c(text, (char)side->data[i]);
    return text;
}

static const char *ending_name(const DiffSide *side, Line line) {
    return line.end > line.begin && side->data[line.end - 1] == '\r' ? "CRLF" : "LF";
}

/* Lines that end in a carriage return alone. */
static gboolean has_cr_for_lf(const DiffSide *a, const DiffSide *b) {
    if (a->size != b->size) return FALSE;
    for (gsize i = 0; i < a->size; i++)
        if (a->data[i] != b->data[i] && !(a->data[i] == '\r' && b->data[i] == '\n') &&
            !(a->data[i] == '\n' && b->data[i] == '\r'))
            return FALSE;
    return TRUE;
}

static Diff *line_endings(const DiffSide *a, const DiffSide *b, gsize at, guint64 number) {
    g_autoptr(GString) one = without_cr(a), other = without_cr(b);
    if (has_cr_for_lf(a, b))
        return diff_new("only the line endings differ, first in line %" G_GUINT64_FORMAT
                        ": %s has %s, %s has %s",
                        number, a->name, a->data[at] == '\r' ? "CR" : "LF", b->name,
                        b->data[at] == '\r' ? "CR" : "LF");
    if (!one && !other) return NULL;
    DiffSide side_a = one ? (DiffSide){a->name, (guint8 *)one->str, one->len, FALSE} : *a;
    DiffSide side_b = other ? (DiffSide){b->name, (guint8 *)other->str, other->len, FALSE} : *b;
    if (bytes_first(&side_a, &side_b) >= 0) return NULL;
    return diff_new(
        "only the line endings differ, first in line %" G_GUINT64_FORMAT ": %s has %s, %s has %s",
        number, a->name, ending_name(a, line_at(a, at)), b->name, ending_name(b, line_at(b, at)));
}

/* What one text has more at its end. */
static Diff *end_of_text(const DiffSide *a, const DiffSide *b, guint64 number) {
    const DiffSide *shorter = a->size < b->size ? a : b, *longer = a->size < b->size ? b : a;
    if (bytes_mismatch(a, 0, b, 0, shorter->size) >= 0) return NULL;
    gsize more = longer->size - shorter->size, newlines = 0, blanks = 0;
    if (bytes_are(longer, shorter->size, longer->size, 0))
        return diff_new(
            "%s has %" G_GSIZE_FORMAT
            " more NUL byte%s at its end (padding, trailing zeros), from line %" G_GUINT64_FORMAT
            " on",
            longer->name, more, more == 1 ? "" : "s", number);
    for (gsize i = shorter->size; i < longer->size; i++) {
        newlines += longer->data[i] == '\n';
        blanks += g_ascii_isspace(longer->data[i]) != 0;
    }
    gboolean is_whole = shorter->size && shorter->data[shorter->size - 1] == '\n';
    if (more == newlines && more == 1 && !is_whole)
        return diff_new("%s has no newline at its end (line %" G_GUINT64_FORMAT "), %s has one",
                        shorter->name, number, longer->name);
    if (more == newlines)
        return diff_new("%s has %" G_GSIZE_FORMAT " more empty line%s (newline) at its end than %s",
                        longer->name, more, more == 1 ? "" : "s", shorter->name);
    if (more == blanks)
        return diff_new("%s has more white space at its end, from line %" G_GUINT64_FORMAT " on",
                        longer->name, number);
    g_autofree char *kept = diff_number(shorter->size), *missing = diff_number(more);
    g_autofree char *next = quote_line(longer, line_at(longer, shorter->size), shorter->size);
    return diff_new(
        "%s is cut (truncated): it is the first %s bytes of %s, which goes on for %s bytes "
        "in line %" G_GUINT64_FORMAT ": %s",
        shorter->name, kept, longer->name, missing, number, next);
}

static gint compare_lines(gconstpointer a, gconstpointer b) {
    return strcmp(*(const char *const *)a, *(const char *const *)b);
}

static GStrv sorted_lines(const DiffSide *side) {
    g_autofree char *text = g_strndup((const char *)side->data, side->size);
    GStrv lines = g_strsplit(text, "\n", -1);
    qsort(lines, g_strv_length(lines), sizeof *lines, compare_lines);
    return lines;
}

static gboolean is_reordered(const DiffSide *a, const DiffSide *b) {
    if (MAX(a->size, b->size) > SORT_BYTES || MAX(a->size, b->size) - MIN(a->size, b->size) > 1 ||
        memchr(a->data, 0, a->size) || memchr(b->data, 0, b->size))
        return FALSE;
    g_auto(GStrv) one = sorted_lines(a), other = sorted_lines(b);
    return g_strv_equal((const char *const *)one, (const char *const *)other);
}

/* Whole lines that only one side has, all else being equal. */
static Diff *more_lines(const DiffSide *a, const DiffSide *b, gsize at, guint64 number) {
    if (a->size == b->size) return NULL;
    const DiffSide *shorter = a->size < b->size ? a : b, *longer = a->size < b->size ? b : a;
    gsize more = longer->size - shorter->size;
    gsize begin = line_at(shorter, at).begin;
    if (longer->data[begin + more - 1] != '\n' ||
        !bytes_same_end(shorter, begin, longer, begin + more))
        return NULL;
    guint64 count = count_lines(longer, begin, begin + more);
    g_autofree char *text = quote_line(longer, line_at(longer, begin), begin);
    if (count == 1)
        return diff_new("line %" G_GUINT64_FORMAT " is only in %s: %s", number, longer->name, text);
    return diff_new("lines %" G_GUINT64_FORMAT " to %" G_GUINT64_FORMAT " are only in %s: %s ...",
                    number, number + count - 1, longer->name, text);
}

/* ---- One line ---- */

/* A byte that text does not have, on one side only; its name, or NULL. */
static const char *odd_byte(const DiffSide *side, gsize at) {
    if (at >= side->size) return NULL;
    guint8 c = side->data[at];
    return c == 0 ? "a NUL byte" : is_odd(c) ? "a control character" : NULL;
}

static Diff *odd_bytes(const DiffSide *a, const DiffSide *b, gsize at, guint64 number) {
    const char *in_a = odd_byte(a, at), *in_b = odd_byte(b, at);
    if (!in_a == !in_b) return NULL;
    const DiffSide *side = in_a ? a : b;
    return diff_new("line %" G_GUINT64_FORMAT ": %s (0x%02x) in %s, at byte %" G_GSIZE_FORMAT,
                    number, in_a ? in_a : in_b, side->data[at], side->name, at);
}

static Diff *byte_order_mark(const DiffSide *a, const DiffSide *b) {
    gboolean in_a = bytes_begin(a, 0, BOM, 3), in_b = bytes_begin(b, 0, BOM, 3);
    if (in_a == in_b) return NULL;
    gboolean is_only = bytes_same_end(a, in_a ? 3 : 0, b, in_b ? 3 : 0);
    return diff_new("%s begins with a byte order mark (UTF-8), %s does not%s",
                    in_a ? a->name : b->name, in_a ? b->name : a->name,
                    is_only ? "; else they are equal" : "");
}

/* The same characters in other bytes. */
static Diff *encoding(const DiffSide *a, const DiffSide *b, Line line_a, Line line_b,
                      guint64 number) {
    DiffSide one = line_side(a, line_a), other = line_side(b, line_b);
    const char *text_a = (const char *)one.data, *text_b = (const char *)other.data;
    gboolean is_utf8_a = g_utf8_validate(text_a, (gssize)one.size, NULL);
    gboolean is_utf8_b = g_utf8_validate(text_b, (gssize)other.size, NULL);
    gsize first = (gsize)MAX(0, bytes_first(&one, &other));
    g_autofree char *shown_a = diff_quoted(one.data, one.size, first);
    g_autofree char *shown_b = diff_quoted(other.data, other.size, first);
    if (is_utf8_a != is_utf8_b)
        return diff_new("line %" G_GUINT64_FORMAT
                        ": the encoding differs, %s is UTF-8, %s is not: %s against %s",
                        number, is_utf8_a ? a->name : b->name, is_utf8_a ? b->name : a->name,
                        shown_a, shown_b);
    if (!is_utf8_a) return NULL;
    g_autofree char *normal_a = g_utf8_normalize(text_a, (gssize)one.size, G_NORMALIZE_NFC);
    g_autofree char *normal_b = g_utf8_normalize(text_b, (gssize)other.size, G_NORMALIZE_NFC);
    if (g_strcmp0(normal_a, normal_b) != 0) return NULL;
    return diff_new("line %" G_GUINT64_FORMAT
                    ": the Unicode normalization differs: %s, %" G_GSIZE_FORMAT
                    " bytes, against %" G_GSIZE_FORMAT,
                    number, shown_a, one.size, other.size);
}

static char *white_space_detail(const DiffSide *a, const DiffSide *b) {
    gsize end_a = a->size, end_b = b->size;
    while (end_a > 0 && g_ascii_isspace(a->data[end_a - 1]))
        end_a--;
    while (end_b > 0 && g_ascii_isspace(b->data[end_b - 1]))
        end_b--;
    DiffSide one = diff_part(a, 0, end_a), other = diff_part(b, 0, end_b);
    if (bytes_first(&one, &other) < 0) return g_strdup(" at the end of the line");
    gboolean tab_a = memchr(a->data, '\t', a->size) != NULL,
             tab_b = memchr(b->data, '\t', b->size) != NULL;
    return g_strdup(tab_a != tab_b ? " (a tab against blanks)" : "");
}

static Diff *one_line(const DiffSide *a, const DiffSide *b, gsize at, guint64 number) {
    Line line_a = line_at(a, at), line_b = line_at(b, at);
    DiffSide one = line_side(a, line_a), other = line_side(b, line_b);
    g_autofree char *text_a = quote_line(a, line_a, at), *text_b = quote_line(b, line_b, at);
    if (bytes_first(&one, &other) < 0) return NULL;
    Diff *encoded = encoding(a, b, line_a, line_b, number);
    if (encoded) return encoded;
    const char *only = words_only(a, b);
    const char *kind = only ? only : words_kind(&one, &other);
    g_autofree char *detail =
        kind && strcmp(kind, "white space") == 0 ? white_space_detail(&one, &other) : g_strdup("");
    if (only && count_lines(a, 0, a->size) > 1)
        return diff_new("only %s differs, first in line %" G_GUINT64_FORMAT "%s: %s against %s",
                        only, number, detail, text_a, text_b);
    if (kind)
        return diff_new("line %" G_GUINT64_FORMAT ": %s differs%s: %s against %s", number, kind,
                        detail, text_a, text_b);
    return diff_new("line %" G_GUINT64_FORMAT " differs: %s against %s", number, text_a, text_b);
}

static void add_lines(Diff *diff, const DiffSide *a, const DiffSide *b, gsize at, guint64 number) {
    Line line_a = line_at(a, at), line_b = line_at(b, at);
    g_autofree char *text_a = quote_line(a, line_a, at), *text_b = quote_line(b, line_b, at);
    diff_line(diff, "line %" G_GUINT64_FORMAT ", column %" G_GSIZE_FORMAT, number,
              at - MIN(line_a.begin, at) + 1);
    diff_line(diff, "%-8s %s", a->name,
              at < a->size || line_a.begin < line_a.end ? text_a : "(ends)");
    diff_line(diff, "%-8s %s", b->name,
              at < b->size || line_b.begin < line_b.end ? text_b : "(ends)");
}

Diff *diff_text(const DiffSide *a, const DiffSide *b) {
    gssize first = bytes_first(a, b);
    if (first < 0 || !is_text(a, (gsize)first) || !is_text(b, (gsize)first)) return NULL;
    gsize at = (gsize)first;
    guint64 number = count_lines(a, 0, MIN(at, a->size)) + 1;
    Diff *diff = line_endings(a, b, at, number);
    if (!diff) diff = end_of_text(a, b, number);
    if (!diff) diff = byte_order_mark(a, b);
    if (!diff) diff = odd_bytes(a, b, at, number);
    if (!diff && is_reordered(a, b)) {
        g_autofree char *text_a = quote_line(a, line_at(a, at), at);
        g_autofree char *text_b = quote_line(b, line_at(b, at), at);
        diff = diff_new("the same lines are in another order, first line %" G_GUINT64_FORMAT
                        ": %s against %s",
                        number, text_a, text_b);
    }
    if (!diff) diff = more_lines(a, b, at, number);
    if (!diff) diff = one_line(a, b, at, number);
    if (diff) add_lines(diff, a, b, at, number);
    return diff;
}
