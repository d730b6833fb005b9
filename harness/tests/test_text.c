/* Bytes to text, text to JSON and to markup. */
#include "attempt/excerpt.h"
#include "base/json_in.h"
#include "base/json_out.h"
#include "base/markup.h"
#include "base/text.h"
#include "suite.h"

static void assert_text(char *text, const char *want) {
    ck_assert_str_eq(text, want);
    g_free(text);
}

START_TEST(bytes_become_valid_text) {
    assert_text(text_from_bytes(NULL, 0), "");
    assert_text(text_from_bytes("a\0b", 3), "a\\x00b");
    assert_text(text_from_bytes("\x1b[1m\n", 5), "\x1b[1m\n");
    assert_text(text_from_bytes("\xc3\xa4\xff\xc3", 4), "\xc3\xa4\\xff\\xc3");
    /* Too long a form, a surrogate, beyond Unicode, a character that is cut. */
    assert_text(text_from_bytes("\xc0\x80", 2), "\\xc0\\x80");
    assert_text(text_from_bytes("\xed\xa0\x80", 3), "\\xed\\xa0\\x80");
    assert_text(text_from_bytes("\xf4\x90\x80\x80", 4), "\\xf4\\x90\\x80\\x80");
    assert_text(text_from_bytes("\xe2\x82", 2), "\\xe2\\x82");
}
END_TEST

START_TEST(hidden_characters_become_visible) {
    assert_text(text_visible("\x1b[1m\r\n\t\x7f", 8), "\\x1b[1m\\x0d\n\t\\x7f");
    assert_text(text_visible("\xc2\x9b"
                             "31m",
                             5),
                "\\u009b31m");
    assert_text(text_visible("\xef\xbf\xbf\xef\xbf\xbe", 6), "\\uffff\\ufffe");
    assert_text(text_visible("\xe2\x80\xae", 3), "\\u202e");
    /* Marks of direction, what is invisible, tags, separators: each is seen, in JSON too. */
    static const gunichar hidden[] = {0x00ad, 0x061c, 0x115f,  0x180e,  0x200b,  0x200e,  0x200f,
                                      0x2028, 0x202a, 0x2060,  0x2066,  0x3164,  0xfe0f,  0xfeff,
                                      0xfffb, 0xfdd0, 0x1d173, 0x1fffe, 0xe0001, 0xe0fff, 0x10ffff};
    for (gsize i = 0; i < G_N_ELEMENTS(hidden); i++) {
        char bytes[7] = {0};
        gint size = g_unichar_to_utf8(hidden[i], bytes);
        g_autofree char *shown =
            g_strdup_printf(hidden[i] > 0xffff ? "\\U%08x" : "\\u%04x", hidden[i]);
        assert_text(text_visible(bytes, (gsize)size), shown);
        g_autoptr(GString) json = g_string_new(NULL);
        json_out_text(json, NULL, bytes);
        ck_assert_msg(json->len == (hidden[i] > 0xffff ? 14 : 8) && json->str[1] == '\\', "%s",
                      json->str);
    }
    static const char shown[] = "\n\t \u00a0\u00e4\u2003\u05d0\u4e2d\U0001f600";
    assert_text(text_visible(shown, strlen(shown)), shown);
    for (gunichar c = 1; c < 0x110000; c++) {
        GUnicodeType type = g_unichar_type(c);
        ck_assert_msg(text_is_hidden(c) ||
                          (type != G_UNICODE_FORMAT && type != G_UNICODE_LINE_SEPARATOR &&
                           type != G_UNICODE_PARAGRAPH_SEPARATOR),
                      "U+%04X", c);
    }
    assert_text(text_visible("\xe2\x82\xac", 3), "\xe2\x82\xac");
    assert_text(text_line("a\n\tb\x01"), "a  b\\x01");
}
END_TEST

/* Every byte string of two bytes, and all characters: what comes out is valid, and showing it a
 * second time changes nothing. */
START_TEST(all_bytes_give_text_that_stays) {
    for (guint i = 0; i < 0x10000; i++) {
        char bytes[2] = {(char)(i >> 8), (char)i};
        g_autofree char *text = text_from_bytes(bytes, 2);
        g_autofree char *shown = text_visible(bytes, 2);
        g_autofree char *again = text_visible(shown, strlen(shown));
        ck_assert(g_utf8_validate(text, -1, NULL) && g_utf8_validate(shown, -1, NULL));
        ck_assert_str_eq(shown, again);
        for (const char *at = shown; *at; at++)
            ck_assert((guchar)*at >= 0x20 || *at == '\n' || *at == '\t');
    }
}
END_TEST

START_TEST(json_strings_come_back) {
    g_autoptr(JsonParser) parser = json_parser_new();
    for (gunichar c = 1; c < 0x11000; c++) {
        if (c >= 0xd800 && c < 0xe000) continue;
        char text[16] = "a";
        text[1 + g_unichar_to_utf8(c, text + 1)] = 0;
        g_autoptr(GString) out = g_string_new(NULL);
        json_out_begin(out, NULL, '{');
        json_out_text(out, "t", text);
        json_out_end(out, '}');
        JsonObject *object;
        ck_assert_ptr_null(json_in_object(parser, out->str, out->len, &object));
        ck_assert_str_eq(json_in_text(object, "t"), text);
    }
}
END_TEST

START_TEST(json_members_have_their_commas) {
    g_autoptr(GString) out = g_string_new(NULL);
    json_out_begin(out, NULL, '{');
    json_out_text(out, "absent", NULL);
    json_out_int(out, "i", G_MININT64);
    json_out_uint(out, "u", G_MAXUINT64);
    json_out_hex(out, "h", G_MAXUINT64);
    json_out_bool(out, "b", FALSE);
    json_out_begin(out, "a", '[');
    json_out_begin(out, NULL, '[');
    json_out_end(out, ']');
    g_string_append_c(out, '\n');
    json_out_text(out, NULL, "{");
    json_out_text(out, NULL, "\"\\\x01");
    json_out_end(out, ']');
    json_out_end(out, '}');
    ck_assert_str_eq(
        out->str,
        "{\"i\":-9223372036854775808,\"u\":9007199254740991,"
        "\"h\":\"0xffffffffffffffff\",\"b\":false,\"a\":[[],\n\"{\",\"\\\"\\\\\\u0001\"]}");
}
END_TEST

START_TEST(json_of_another_shape_is_told_apart) {
    static const struct {
        const char *text, *wrong;
    } cases[] = {
        {"{}", NULL},         {"[]", "is not a JSON object"},        {"", "is not a JSON object"},
        {"{", "is not JSON"}, {"{\"a\": \"\xff\"}", "is not UTF-8"},
    };
    g_autoptr(JsonParser) parser = json_parser_new();
    JsonObject *object;
    for (guint i = 0; i < G_N_ELEMENTS(cases); i++)
        ck_assert_pstr_eq(json_in_object(parser, cases[i].text, strlen(cases[i].text), &object),
                          cases[i].wrong);
    const char *text = "{\"t\": 1, \"i\": \"1\", \"o\": [], \"a\": {}, \"n\": null, \"d\": 1.5}";
    gint64 value = 7;
    ck_assert_ptr_null(json_in_object(parser, text, strlen(text), &object));
    ck_assert_ptr_null(json_in_text(object, "t"));
    ck_assert_ptr_null(json_in_text(object, "n"));
    ck_assert_ptr_null(json_in_member(object, "o"));
    ck_assert_ptr_null(json_in_array(object, "a"));
    ck_assert(!json_in_int(object, "i", &value) && !json_in_int(object, "d", &value) &&
              !json_in_int(object, "absent", &value));
    ck_assert_int_eq(value, 7);
}
END_TEST

START_TEST(markup_is_escaped) {
    g_autoptr(GString) out = g_string_new(NULL);
    markup_text(out, "<a b=\"c\" d='e'>&]]>\x1b\n");
    markup_line(out, "x\ny");
    ck_assert_str_eq(out->str, "&lt;a b=&quot;c&quot; d=&#39;e&#39;&gt;&amp;]]&gt;\\x1b\nx y");
}
END_TEST

START_TEST(a_console_is_kept_whole_or_from_both_ends) {
    g_autoptr(GString) all = g_string_new(NULL);
    for (guint i = 0; all->len < 3 * (EXCERPT_HEAD_BYTES + EXCERPT_TAIL_BYTES); i++)
        g_string_append_printf(all, "line \303\266 %u\n", i);
    const gsize whole = EXCERPT_HEAD_BYTES + EXCERPT_TAIL_BYTES;
    const gsize sizes[] = {0, 1, whole - 1, whole, whole + 1, 2 * whole, 3 * whole};
    const gsize pieces[] = {1, 1000, 70000, 1000000};
    for (guint i = 0; i < G_N_ELEMENTS(sizes) * G_N_ELEMENTS(pieces); i++) {
        gsize size = sizes[i % G_N_ELEMENTS(sizes)], piece = pieces[i / G_N_ELEMENTS(sizes)];
        while (size > whole && ((guint8)all->str[size] & 0xc0) == 0x80)
            size++;
        Excerpt excerpt;
        excerpt_init(&excerpt);
        for (gsize at = 0; at < size; at += piece)
            excerpt_add(&excerpt, (guint8 *)all->str + at, MIN(piece, size - at));
        g_autofree char *text = excerpt_text(&excerpt);
        excerpt_clear(&excerpt);
        if (size <= whole) {
            g_autofree char *same = text_from_bytes(all->str, size);
            ck_assert_str_eq(text, same);
            continue;
        }
        char *mark = strstr(text, "\n[");
        ck_assert_ptr_nonnull(mark);
        ck_assert_int_ge(mark - text, EXCERPT_HEAD_BYTES - 1);
        ck_assert_mem_eq(text, all->str, (gsize)(mark - text));
        guint64 left_out = g_ascii_strtoull(mark + 2, NULL, 10);
        const char *end = strstr(mark, " bytes omitted]\n") + 16;
        ck_assert_uint_eq((gsize)(mark - text) + left_out + strlen(end), size);
        ck_assert_mem_eq(end, all->str + size - strlen(end), strlen(end));
        ck_assert(g_utf8_validate(text, -1, NULL));
    }
}
END_TEST

START_TEST(texts_are_quoted_by_characters) {
    g_autofree char *quoted = text_quoted("\303\266 \"a\"\n\\\0\377\033", 11);
    ck_assert_str_eq(quoted, "\"\303\266 \\\"a\\\"\\n\\\\\\x00\\xff\\x1b\"");
    const guint8 *euro = (const guint8 *)"a\342\202\254";
    ck_assert_uint_eq(text_unfinished(euro, 0), 0);
    ck_assert_uint_eq(text_unfinished(euro, 1), 0);
    ck_assert_uint_eq(text_unfinished(euro, 2), 1);
    ck_assert_uint_eq(text_unfinished(euro, 3), 2);
    ck_assert_uint_eq(text_unfinished(euro, 4), 0);
    ck_assert_uint_eq(text_unfinished((const guint8 *)"\200\200\200\200", 4), 0);
}
END_TEST

SUITE_MAIN("text", a_console_is_kept_whole_or_from_both_ends, texts_are_quoted_by_characters,
           bytes_become_valid_text, hidden_characters_become_visible,
           all_bytes_give_text_that_stays, json_strings_come_back, json_members_have_their_commas,
           json_of_another_shape_is_told_apart, markup_is_escaped)
