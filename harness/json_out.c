#include "json_out.h"
#include <string.h>

/* The control characters of C1 are U+0080 to U+009F: two bytes, of which this is the first. JSON
 * needs no escape for them, but a terminal that shows it does. */
#define C1_LEAD 0xc2

static gboolean is_plain(const char *at) {
    guchar c = (guchar)*at;
    return c >= 0x20 && c != '"' && c != '\\' && c != 0x7f &&
           (c != C1_LEAD || (guchar)at[1] >= 0xa0);
}

static void append_string(GString *out, const char *text) {
    g_string_append_c(out, '"');
    for (const char *at = text; *at;) {
        const char *from = at;
        while (is_plain(at))
            at++;
        g_string_append_len(out, from, at - from);
        if (!*at) break;
        at += (guchar)*at == C1_LEAD; /* what is left is its code */
        if (*at == '"' || *at == '\\')
            g_string_append_printf(out, "\\%c", *at);
        else if (*at == '\n')
            g_string_append(out, "\\n");
        else if (*at == '\t')
            g_string_append(out, "\\t");
        else
            g_string_append_printf(out, "\\u%04x", (guint)(guchar)*at);
        at++;
    }
    g_string_append_c(out, '"');
}

/* The comma before a member, unless it is the first, and its name. Newlines that a caller put
 * between members stay behind the comma. */
static void begin_member(GString *out, const char *name) {
    gsize length = out->len;
    while (length > 0 && out->str[length - 1] == '\n')
        length--;
    if (length > 0 && !strchr("{[", out->str[length - 1]))
        g_string_insert_c(out, (gssize)length, ',');
    if (name) g_string_append_printf(out, "\"%s\":", name);
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
