#include "text.h"
#include <string.h>

/* The character at `data`, or (gunichar)-1 where `length` bytes begin with no valid one. */
static gunichar char_at(const char *data, gsize length) {
    gunichar c = g_utf8_get_char_validated(data, (gssize)MIN(length, 6));
    return c == (gunichar)-2 ? (gunichar)-1 : c;
}

static gboolean is_plain(guchar c) { return c >= 0x20 && c < 0x7f; }

static gboolean is_hidden(gunichar c) {
    return (c < 0x20 && c != '\n' && c != '\t') || (c >= 0x7f && c < 0xa0) ||
           (c >= 0x202a && c <= 0x202e) || (c >= 0x2066 && c <= 0x2069) || (c & 0xfffe) == 0xfffe;
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
        if (visible && is_hidden(c))
            g_string_append_printf(out, c < 0x80 ? "\\x%02x" : "\\u%04x", c);
        else
            g_string_append_unichar(out, c);
        at += (gsize)g_unichar_to_utf8(c, NULL);
    }
    return g_string_free(out, FALSE);
}

char *text_from_bytes(const void *data, gsize length) { return convert(data, length, FALSE); }

char *text_visible(const char *data, gsize length) { return convert(data, length, TRUE); }

char *text_line(const char *text) {
    return g_strdelimit(text_visible(text, strlen(text)), "\n\t", ' ');
}
