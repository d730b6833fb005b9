#include "base/json_out.h"
#include "base/text.h"
#include <math.h>
#include <string.h>

static gboolean is_plain(guchar c) { return c >= 0x20 && c < 0x7f && c != '"' && c != '\\'; }

/* Escapes invisible characters too: JSON does not need it, but terminals do. */
static void append_char(GString *out, gunichar c) {
    if (c == '"' || c == '\\')
        g_string_append_printf(out, "\\%c", (char)c);
    else if (c == '\n')
        g_string_append(out, "\\n");
    else if (c == '\t')
        g_string_append(out, "\\t");
    else if (!text_is_hidden(c))
        g_string_append_unichar(out, c);
    else if (c <= 0xffff)
        g_string_append_printf(out, "\\u%04x", c);
    else /* RFC 8259, section 7: as UTF-16 has it */
        g_string_append_printf(out, "\\u%04x\\u%04x", 0xd7c0 + (c >> 10), 0xdc00 + (c & 0x3ff));
}

static void append_string(GString *out, const char *text) {
    g_string_append_c(out, '"');
    while (*text) {
        const char *from = text;
        while (is_plain((guchar)*text))
            text++;
        g_string_append_len(out, from, text - from);
        if (!*text) break;
        append_char(out, g_utf8_get_char(text));
        text = g_utf8_next_char(text);
    }
    g_string_append_c(out, '"');
}

/* The comma before a member, unless it is the first, and its name. Newlines that a caller put
 * between members stay after the comma. */
static void begin_member(GString *out, const char *name) {
    gsize length = out->len;
    while (length > 0 && out->str[length - 1] == '\n')
        length--;
    if (length > 0 && !strchr("{[", out->str[length - 1]))
        g_string_insert_c(out, (gssize)length, ',');
    if (!name) return;
    append_string(out, name);
    g_string_append_c(out, ':');
}

void json_out_begin(GString *out, const char *name, char bracket) {
    begin_member(out, name);
    g_string_append_c(out, bracket);
}

void json_out_end(GString *out, char bracket) { g_string_append_c(out, bracket); }

void json_out_text(GString *out, const char *name, const char *text) {
    if (!text) return;
    begin_member(out, name);
    append_string(out, text);
}

void json_out_int(GString *out, const char *name, gint64 value) {
    begin_member(out, name);
    g_string_append_printf(out, "%" G_GINT64_FORMAT, value);
}

void json_out_double(GString *out, const char *name, double value) {
    char digits[400]; /* DBL_MAX has 309 before the point */
    begin_member(out, name);
    g_ascii_formatd(digits, sizeof digits, "%.6f", isfinite(value) ? value : 0);
    gsize length = strlen(digits);
    while (digits[length - 1] == '0')
        length--;
    g_string_append_len(out, digits, (gssize)(digits[length - 1] == '.' ? length - 1 : length));
}

void json_out_uint(GString *out, const char *name, guint64 value) {
    json_out_int(out, name, (gint64)MIN(value, JSON_OUT_INT_MAX));
}

void json_out_hex(GString *out, const char *name, guint64 value) {
    begin_member(out, name);
    g_string_append_printf(out, "\"0x%" G_GINT64_MODIFIER "x\"", value);
}

void json_out_bool(GString *out, const char *name, gboolean value) {
    begin_member(out, name);
    g_string_append(out, value ? "true" : "false");
}
