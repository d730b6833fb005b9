#include "base/diag.h"
#include "suite.h"

#define FILE_OF(text) (&(DiagFile){"x.gate", text, strlen(text)})

START_TEST(shows_line_column_and_caret) {
    GError *error = NULL;
    ck_assert(!diag_error(&error, FILE_OF("[gate]\ntiemout = 5s\n"), (DiagSpan){7, 14},
                          "unknown %s", "key"));
    suite_assert_error(&error, "x.gate:2:1: error: unknown key\n    tiemout = 5s\n    ^~~~~~~");
}
END_TEST

START_TEST(counts_characters_not_bytes) {
    GError *error = NULL;
    diag_error(&error, FILE_OF("\xc3\xa4\xc3\xb6 = x"), (DiagSpan){7, 8}, "bad");
    suite_assert_error(&error, "x.gate:1:6: error: bad\n    \xc3\xa4\xc3\xb6 = x\n         ^");
}
END_TEST

START_TEST(makes_control_bytes_and_tabs_harmless) {
    GError *error = NULL;
    diag_error(&error, FILE_OF("\ta\033b"), (DiagSpan){3, 4}, "bad");
    suite_assert_error(&error, "x.gate:1:4: error: bad\n     a?b\n       ^");
}
END_TEST

START_TEST(cuts_long_lines_around_the_caret) {
    GError *error = NULL;
    g_autofree char *text = g_strnfill(10000, 'a');
    diag_error(&error, FILE_OF(text), (DiagSpan){5000, 9000}, "bad");
    g_auto(GStrv) lines = g_strsplit(error->message, "\n", -1);
    ck_assert_uint_lt(strlen(lines[1]), 120);
    ck_assert_uint_le(strlen(lines[2]), strlen(lines[1]));
    ck_assert_str_eq(lines[0], "x.gate:1:5001: error: bad");
    g_clear_error(&error);
}
END_TEST

START_TEST(points_behind_the_last_line) {
    GError *error = NULL;
    diag_error(&error, FILE_OF("a = b\n"), (DiagSpan){6, 6}, "missing");
    suite_assert_error(&error, "x.gate:2:1: error: missing\n    \n    ^");
}
END_TEST

START_TEST(names_the_nearest_word) {
    static const char *const known[] = {"timeout", "transport", "tree", "exit", NULL};
    ck_assert_str_eq(diag_nearest("tiemout", known), "timeout");
    ck_assert_str_eq(diag_nearest("exti", known), "exit");
    ck_assert_str_eq(diag_nearest("tranport", known), "transport");
    ck_assert_ptr_null(diag_nearest("memory", known));
    ck_assert_ptr_null(diag_nearest("", known));
    g_autofree char *huge = g_strnfill(5000, 'x');
    ck_assert_ptr_null(diag_nearest(huge, known));
}
END_TEST

SUITE_MAIN("diag", shows_line_column_and_caret, counts_characters_not_bytes,
           makes_control_bytes_and_tabs_harmless, cuts_long_lines_around_the_caret,
           points_behind_the_last_line, names_the_nearest_word)
