#include "base/text.h"
#include <string.h>

/* The character at `data`, or (gunichar)-1 if `length` bytes do not begin with a valid one. */
static gunichar char_at(const char *data, gsize length) {
    gunichar c = g_utf8_get_char_validated(data, (gssize)MIN(length, 6));
    return c == (gunichar)-2 ? (gunichar)-1 : c;
}

static gboolean is_plain(guchar c) { return c >= 0x20 && c < 0x7f; }

/* Characters that are escaped, in order: Unicode 15, general categories Cc (but newline and tab),
 * Cf, Zl and Zp, Default_Ignorable_Code_Point, and non-characters; those at the end of each plane
 * are left to a rule. */
static const struct {
    gunichar first, last;
} hidden[] = {
    {0x00, 0x08},       {0x0b, 0x1f},       {0x7f, 0x9f},       {0xad, 0xad},
    {0x34f, 0x34f},     {0x600, 0x605},     {0x61c, 0x61c},     {0x6dd, 0x6dd},
    {0x70f, 0x70f},     {0x890, 0x891},     {0x8e2, 0x8e2},     {0x115f, 0x1160},
    {0x17b4, 0x17b5},   {0x180b, 0x180f},   {0x200b, 0x200f},   {0x2028, 0x202e},
    {0x2060, 0x206f},   {0x3164, 0x3164},   {0xfdd0, 0xfdef},   {0xfe00, 0xfe0f},
    {0xfeff, 0xfeff},   {0xffa0, 0xffa0},   {0xfff0, 0xfffb},   {0x110bd, 0x110bd},
    {0x110cd, 0x110cd}, {0x13430, 0x1343f}, {0x1bca0, 0x1bca3}, {0x1d173, 0x1d17a},
    {0xe0000, 0xe0fff},
};

gboolean text_is_hidden(gunichar c) {
    if ((c & 0xfffe) == 0xfffe) return TRUE;
    gsize low = 0, high = G_N_ELEMENTS(hidden);
    while (low < high) {
        gsize middle = (low + high) / 2;
        if (c > hidden[middle].last)
            low = middle + 1;
        else if (c < hidden[middle].first)
            high = middle;
        else
            return TRUE;
    }
    return FALSE;
}

static char *convert(const char *data, gsize length, gboolean visible) {
    GString *out = g_string_sized_new(length + 1);
    gsize at = 0;
    while (at < length) {
        gsize run = at;
        while (run < length && is_plain((guchar)data[run]))
            run++;
        g_string_append_len(out, data + at, (gssize)(run - at));
        at = run;
        if (at == length) break;
        gunichar c = char_at(data + at, length - at);
        if (c == (gunichar)-1 || c == 0) {
            g_string_append_printf(out, "\\x%02x", (guchar)data[at++]);
            continue;
        }
        if (visible && text_is_hidden(c))
            g_string_append_printf(out,
                                   c < 0x80     ? "\\x%02x"
                                   : c > 0xffff ? "\\U%08x"
                                                : "\\u%04x",
                                   c);
        else
            g_string_append_unichar(out, c);
        at += (gsize)g_unichar_to_utf8(c, NULL);
    }
    return g_string_free(out, FALSE);
}

char *text_from_bytes(const void *data, gsize length) { return convert(data, length, FALSE); }

char *text_visible(const char *data, gsize length) { return convert(data, length, TRUE); }

gsize text_unfinished(const guint8 *data, gsize length) {
    for (gsize count = 1; count <= MIN(length, 3); count++) {
        guint8 byte = data[length - count];
        if ((byte & 0xc0) == 0x80) continue;
        gsize size = byte >= 0xf0 ? 4 : byte >= 0xe0 ? 3 : byte >= 0xc0 ? 2 : 1;
        return size > count ? count : 0;
    }
    return 0;
}

char *text_quoted(const void *data, gsize length) {
    static const char special[] = "\n\t\"\\", letters[] = "nt\"\\";
    g_autoptr(GString) out = g_string_new("\"");
    const char *bytes = data;
    for (gsize at = 0; at < length;) {
        gsize run = at;
        while (run < length && !(bytes[run] && strchr(special, bytes[run])))
            run++;
        g_autofree char *visible = text_visible(bytes + at, run - at);
        g_string_append(out, visible);
        if (run < length)
            g_string_append_printf(out, "\\%c", letters[strchr(special, bytes[run]) - special]);
        at = run + 1;
    }
    g_string_append_c(out, '"');
    return g_string_free(g_steal_pointer(&out), FALSE);
}

char *text_line(const char *text) {
    return g_strdelimit(text_visible(text, strlen(text)), "\n\t", ' ');
}

char *text_time(gint64 unix_s) {
    g_autoptr(GDateTime) time = g_date_time_new_from_unix_utc(unix_s);
    return time ? g_date_time_format(time, "%Y-%m-%dT%H:%M:%SZ") : NULL;
}

gint text_compare_names(gconstpointer a, gconstpointer b) {
    return strcmp(*(const char *const *)a, *(const char *const *)b);
}
