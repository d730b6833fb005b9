/* The console stream: what it means, whatever the pieces it comes in. */
#include "attempt/console_parser.h"
#include "suite.h"

/* What a stream means, as text: neighbouring TEXT and DATA items joined. */
static char *meaning(const char *nonce, const guint8 *bytes, gsize length, gsize piece) {
    g_autoptr(GStringChunk) strings = g_string_chunk_new(256);
    g_autoptr(Console) console = console_new(nonce, strings);
    GString *out = g_string_new(NULL);
    ConsoleKind last = CONSOLE_FILE_END;
    for (gsize at = 0; at <= length; at += piece) {
        /* A copy of exact size, freed before the next, lets ASan see what is read too late. */
        gsize count = MIN(piece, length - at);
        g_autofree guint8 *copy = g_memdup2(bytes + at, count);
        if (count > 0) console_push(console, copy, count);
        if (at + piece > length || at + count == length) console_end(console);
        ConsoleItem item;
        while (console_pull(console, &item)) {
            static const char marks[] = {'T', 'f', 'F', 'D', 'E', 'B'};
            gboolean joins =
                item.kind == last && (item.kind == CONSOLE_TEXT || item.kind == CONSOLE_DATA);
            if (!joins) g_string_append_printf(out, "|%c:", marks[item.kind]);
            if (item.kind == CONSOLE_LINE)
                g_string_append(out, kernel_line_name(item.kernel_line->kind));
            else if (item.kind == CONSOLE_BAD)
                g_string_append(out, item.message);
            else
                g_string_append_len(out, (const char *)item.data, (gssize)item.length);
            last = item.kind;
        }
        if (at + count == length) break;
    }
    return g_string_free(out, FALSE);
}

/* The stream means `expected` when it comes whole, and the same in pieces of every size. */
static void assert_means(const char *nonce, const char *stream, const char *expected) {
    gsize length = strlen(stream);
    for (gsize piece = length + 1; piece > 0; piece--) {
        g_autofree char *got = meaning(nonce, (const guint8 *)stream, length, piece);
        ck_assert_msg(strcmp(got, expected) == 0, "in pieces of %zu:\n%s\nexpected:\n%s", piece,
                      got, expected);
    }
}

START_TEST(tells_text_from_frames) {
    assert_means(NULL, "hello\n=== DUMP-BEGIN ===\nworld", "|T:hello\n|F:DUMP-BEGIN|T:world");
    assert_means(NULL, "no newline === DUMP-BEGIN ===\n", "|T:no newline === DUMP-BEGIN ===\n");
    assert_means(NULL, "=\n==\n===\n=== \n=== x\n", "|T:=\n==\n===\n=== \n=== x\n");
    assert_means(NULL, "=== DUMP-BEGIN ===", "|T:=== DUMP-BEGIN ===");
    assert_means(NULL, "\n\n=== DUMP-BEGIN ===\n\n", "|T:\n\n|F:DUMP-BEGIN|T:\n");
    assert_means(NULL, "", "");
}
END_TEST

START_TEST(decodes_files) {
    assert_means(NULL, "=== FILE path=/a size=3 ===\n616263\n=== DUMP-END ===\n",
                 "|F:FILE|D:abc|E:|F:DUMP-END");
    assert_means(NULL, "=== FILE path=/a size=0 ===\n=== DUMP-END ===\n", "|F:FILE|E:|F:DUMP-END");
    g_autofree char *a64 = g_strnfill(64, 'a');
    g_autoptr(GString) hex = g_string_new("=== FILE path=/a size=65 ===\n");
    for (guint i = 0; i < 64; i++)
        g_string_append(hex, "61");
    g_string_append(hex, "\n62\nrest");
    g_autofree char *expected = g_strdup_printf("|F:FILE|D:%sb|E:|T:rest", a64);
    assert_means(NULL, hex->str, expected);
}
END_TEST

START_TEST(reports_cut_and_broken_dumps) {
    assert_means(
        NULL, "=== FILE path=/a size=3 ===\n6162",
        "|F:FILE|B:the dump of /a is truncated after 0 of 3 bytes: the console ended|T:6162");
    assert_means(NULL, "=== FILE path=/a size=3 ===\n",
                 "|F:FILE|B:the dump of /a is truncated after 0 of 3 bytes: the console ended");
    assert_means(NULL, "=== FILE path=/a size=3 ===\n=== DUMP-END ===\n",
                 "|F:FILE|B:the dump of /a is truncated after 0 of 3 bytes: another kernel line "
                 "follows|F:DUMP-END");
    assert_means(NULL, "=== FILE path=/a size=3 ===\n61626\nx\n",
                 "|F:FILE|B:the dump of /a is truncated after 0 of 3 bytes: the next line is not "
                 "the expected "
                 "hex|T:61626\nx\n");
    assert_means(NULL, "=== FILE path=/a size=3 ===\n61626A\n",
                 "|F:FILE|B:the dump of /a is truncated after 0 of 3 bytes: the next line is not "
                 "the expected "
                 "hex|T:61626A\n");
    assert_means(NULL, "=== FILE path=/a size=3 ===\n61626364\n",
                 "|F:FILE|B:the dump of /a is truncated after 0 of 3 bytes: the next line is not "
                 "the expected "
                 "hex|T:61626364\n");
}
END_TEST

START_TEST(takes_frames_without_the_nonce_for_text) {
    assert_means("77", "=== DUMP-BEGIN ===\n=== DUMP-END nonce=77 ===\n",
                 "|f:=== DUMP-BEGIN ===\n|F:DUMP-END");
    assert_means("77", "=== FILE path=/a size=1 nonce=78 ===\n61\n",
                 "|f:=== FILE path=/a size=1 nonce=78 ===\n|T:61\n");
}
END_TEST

START_TEST(reports_broken_frames) {
    assert_means("77", "=== END nonce=77 ===\nx", "|B:the END line lacks the field status|T:x");
    assert_means("77", "=== WHAT nonce=77 ===\n", "|B:unknown kind of kernel line");
}
END_TEST

START_TEST(does_not_pile_up_endless_lines) {
    g_autofree char *line = g_strnfill(30 * 1024 * 1024, 'x');
    memcpy(line, "=== ", 4);
    g_autofree char *got = meaning(NULL, (const guint8 *)line, strlen(line), 65536);
    ck_assert_uint_eq(strlen(got), strlen(line) + 3);
    ck_assert_str_eq(got + 3, line);
}
END_TEST

START_TEST(random_bytes_lose_nothing) {
    /* Whatever is no frame must come out as it went in. */
    static const char *const bits[] = {
        "=== ", "===", "\n", "a", "=", " ===\n", "=== DUMP-BEGIN ===", "END"};
    GRand *random = g_rand_new_with_seed(1);
    for (guint round = 0; round < 300; round++) {
        g_autoptr(GString) stream = g_string_new(NULL);
        for (guint i = 0; i < 30; i++)
            g_string_append(stream, bits[g_rand_int_range(random, 0, G_N_ELEMENTS(bits))]);
        g_autofree char *whole =
            meaning("1", (const guint8 *)stream->str, stream->len, stream->len + 1);
        for (gsize piece = 1; piece < 7; piece++) {
            g_autofree char *pieces = meaning("1", (const guint8 *)stream->str, stream->len, piece);
            ck_assert_str_eq(pieces, whole);
        }
    }
    g_rand_free(random);
}
END_TEST

SUITE_MAIN("console", tells_text_from_frames, decodes_files, reports_cut_and_broken_dumps,
           takes_frames_without_the_nonce_for_text, reports_broken_frames,
           does_not_pile_up_endless_lines, random_bytes_lose_nothing)
