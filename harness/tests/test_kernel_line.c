#include "attempt/kernel_line.h"
#include "suite.h"

static GStringChunk *strings;

static KernelLineParse parse(const char *line, const char *nonce, KernelLine *kernel_line,
                             GError **error) {
    if (!strings) strings = g_string_chunk_new(256);
    return kernel_line_parse(line, strlen(line), nonce, strings, kernel_line, error);
}

static void assert_bad(const char *line, const char *message) {
    KernelLine kernel_line;
    GError *error = NULL;
    ck_assert_int_eq(parse(line, NULL, &kernel_line, &error), LINE_PARSE_BAD);
    suite_assert_error(&error, message);
}

START_TEST(reads_every_kind) {
    KernelLine f;
    ck_assert_int_eq(parse("=== BOOT mem=1073741824 freq=62500000 ticks=5 ===", NULL, &f, NULL),
                     LINE_PARSE_OK);
    ck_assert_uint_eq(f.boot.mem_bytes, 1073741824);
    ck_assert_uint_eq(f.boot.freq_hz, 62500000);
    ck_assert_int_eq(
        parse("=== SPAWN pid=2 ppid=1 argc=2 path=/a%20b argv=x,y%2cz ticks=6 ===", NULL, &f, NULL),
        LINE_PARSE_OK);
    ck_assert_str_eq(f.spawn.path, "/a b");
    ck_assert_str_eq(f.spawn.argv, "x,y%2cz");
    ck_assert_uint_eq(f.spawn.ppid, 1);
    ck_assert_int_eq(parse("=== EXIT pid=2 status=7 ticks=8 ===", NULL, &f, NULL), LINE_PARSE_OK);
    ck_assert_uint_eq(f.exit.status, 7);
    ck_assert_uint_eq(f.exit.signal, 0);
    ck_assert_int_eq(parse("=== EXIT pid=2 signal=11 elr=600000 far=0x10 esr=92000004 ticks=8 ===",
                           NULL, &f, NULL),
                     LINE_PARSE_OK);
    ck_assert_uint_eq(f.exit.signal, 11);
    ck_assert_uint_eq(f.exit.elr, 0x600000);
    ck_assert_uint_eq(f.exit.far, 0x10);
    ck_assert(!f.newline_added);
    ck_assert_int_eq(
        parse("=== EXIT pid=2 status=7 ticks=8 newline=added nonce=1 ===", "1", &f, NULL),
        LINE_PARSE_OK);
    ck_assert(f.newline_added);
    ck_assert_int_eq(parse("=== DUMP-BEGIN ===", NULL, &f, NULL), LINE_PARSE_OK);
    ck_assert_int_eq(f.kind, LINE_DUMP_BEGIN);
    ck_assert_int_eq(parse("=== FILE path=/x size=18446744073709551615 ===", NULL, &f, NULL),
                     LINE_PARSE_OK);
    ck_assert_uint_eq(f.file.size, G_MAXUINT64);
    ck_assert_int_eq(parse("=== DUMP-END ===", NULL, &f, NULL), LINE_PARSE_OK);
    ck_assert_int_eq(parse("=== ENOSYS nr=220 pid=3 ===", NULL, &f, NULL), LINE_PARSE_OK);
    ck_assert_uint_eq(f.enosys.number, 220);
    ck_assert_int_eq(parse("=== PANIC out of memory: 3 pages, a=b ===", NULL, &f, NULL),
                     LINE_PARSE_OK);
    ck_assert_str_eq(f.text, "out of memory: 3 pages, a=b");
    ck_assert_int_eq(parse("=== END status=0 files=2 leaked-pages=1 ticks=9 ===", NULL, &f, NULL),
                     LINE_PARSE_OK);
    ck_assert_uint_eq(f.end.leaked_pages, 1);
}
END_TEST

START_TEST(takes_the_nonce_seriously) {
    KernelLine f;
    const char *line = "=== DUMP-END nonce=ab12 ===";
    ck_assert_int_eq(parse(line, "ab12", &f, NULL), LINE_PARSE_OK);
    ck_assert_int_eq(parse(line, NULL, &f, NULL), LINE_PARSE_OK);
    ck_assert_int_eq(parse(line, "ab13", &f, NULL), LINE_PARSE_FOREIGN);
    ck_assert_int_eq(parse("=== DUMP-END ===", "ab12", &f, NULL), LINE_PARSE_FOREIGN);
    ck_assert_int_eq(parse("=== DUMP-END nonce=ab12  ===", "ab12", &f, NULL), LINE_PARSE_FOREIGN);
    ck_assert_int_eq(parse("=== PANIC no nonce=ab12 ===", "ab12", &f, NULL), LINE_PARSE_OK);
    ck_assert_str_eq(f.text, "no");
    ck_assert_int_eq(parse("=== NEWS x=1 nonce=ab12 ===", "ab12", &f, NULL), LINE_PARSE_BAD);
}
END_TEST

START_TEST(leaves_other_lines_alone) {
    static const char *const lines[] = {"",
                                        "===",
                                        "=== ===",
                                        "=== hello ===",
                                        "== END ===",
                                        " === DUMP-END ===",
                                        "=== DUMP-END ===x",
                                        "=== DUMP-END ==",
                                        "=== dump-end ==="};
    KernelLine f;
    for (guint i = 0; i < G_N_ELEMENTS(lines); i++)
        ck_assert_msg(parse(lines[i], NULL, &f, NULL) == LINE_PARSE_TEXT, "%s", lines[i]);
}
END_TEST

START_TEST(says_what_is_broken) {
    assert_bad("=== FILE path=/x ===", "the FILE line lacks the field size");
    assert_bad("=== FILE path=/x size=1 size=2 ===", "the FILE line repeats a field: size");
    assert_bad("=== FILE path=/x size=1 mode=7 ===", "the FILE line has an unknown field: mode");
    assert_bad("=== FILE path=/x size= ===", "the FILE line has an invalid value: size");
    assert_bad("=== FILE path=/x size=-1 ===", "the FILE line has an invalid value: size");
    assert_bad("=== FILE path=/x size=18446744073709551616 ===",
               "the FILE line has an invalid value: size");
    assert_bad("=== FILE path=/x%2 size=1 ===", "the FILE line has an invalid value: path");
    assert_bad("=== FILE path=/x%00 size=1 ===", "the FILE line has an invalid value: path");
    assert_bad("=== FILE path size=1 ===", "the FILE line has a field without a value: path");
    assert_bad("=== DUMP-END x=1 ===", "the DUMP-END line has an unknown field: x");
    assert_bad("=== BOOT mem=1  freq=1 ticks=1 ===", "the BOOT line has an unknown field: ");
}
END_TEST

SUITE_MAIN("frame", reads_every_kind, takes_the_nonce_seriously, leaves_other_lines_alone,
           says_what_is_broken)
