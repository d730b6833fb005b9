#include "base/hexdiff.h"
#include <string.h>

#define ROW_BYTES 16
/* Rows shown from the one with the first difference on, and before it. */
#define ROWS_AFTER  2
#define ROWS_BEFORE 1

gssize hexdiff_first(GBytes *expected, GBytes *actual) {
    gsize size_a, size_b;
    const guint8 *a = g_bytes_get_data(expected, &size_a), *b = g_bytes_get_data(actual, &size_b);
    gsize common = MIN(size_a, size_b), at = 0;
    /* Whole blocks first: memcmp is much faster than a loop over bytes. */
    while (common - at >= 4096 && memcmp(a + at, b + at, 4096) == 0)
        at += 4096;
    while (at < common && a[at] == b[at])
        at++;
    return at < common || size_a != size_b ? (gssize)at : -1;
}

static void append_row(GString *out, const char *side, GBytes *bytes, gsize row) {
    gsize size;
    const guint8 *data = g_bytes_get_data(bytes, &size);
    g_string_append_printf(out, "%s %08" G_GSIZE_MODIFIER "x ", side, row);
    for (gsize i = row; i < row + ROW_BYTES; i++)
        g_string_append_printf(out, i < size ? " %02x" : "   ", i < size ? data[i] : 0);
    g_string_append(out, "  |");
    for (gsize i = row; i < MIN(size, row + ROW_BYTES); i++)
        g_string_append_c(out, g_ascii_isprint((char)data[i]) ? (char)data[i] : '.');
    g_string_append(out, "|\n");
}

char *hexdiff_format(GBytes *expected, GBytes *actual) {
    gssize first = hexdiff_first(expected, actual);
    if (first < 0) return NULL;
    GString *out = g_string_new(NULL);
    g_string_append_printf(out,
                           "first difference at byte %" G_GSSIZE_FORMAT " (0x%" G_GSIZE_MODIFIER
                           "x); expected %" G_GSIZE_FORMAT " bytes, got %" G_GSIZE_FORMAT "\n",
                           first, (gsize)first, g_bytes_get_size(expected),
                           g_bytes_get_size(actual));
    gsize row = (gsize)first / ROW_BYTES * ROW_BYTES;
    gsize from = row - MIN(row, ROWS_BEFORE * ROW_BYTES);
    gsize longest = MAX(g_bytes_get_size(expected), g_bytes_get_size(actual));
    for (gsize at = from; at < MIN(longest, row + ROWS_AFTER * ROW_BYTES); at += ROW_BYTES) {
        append_row(out, "expected", expected, at);
        append_row(out, "actual  ", actual, at);
    }
    return g_string_free(out, FALSE);
}
