/* The look at a stopped guest: what is asked, and what is made of answers, good and hostile. */
#include "guest/capture.h"
#include "suite.h"

static void answer(Capture *capture, const char *command, const char *text) {
    g_autofree char *next = capture_next(capture);
    ck_assert_ptr_nonnull(next);
    ck_assert_str_eq(next, command);
    capture_answer(capture, text);
}

START_TEST(walks_the_frame_records) {
    g_autoptr(Capture) capture = capture_new();
    answer(capture, "info registers",
           "CPU#0\r\n PC=0000000040081000 X00=0\r\nX29=0000000040090000 X30=00000000400812fc  "
           "SP=000000004008fff0\r\n");
    ck_assert_uint_eq(capture->pc, 0x40081000);
    ck_assert_uint_eq(capture->lr, 0x400812fc);
    answer(capture, "x /16gx 0x4008fff0", "000000004008fff0: 0x1 0x2\r\n");
    answer(capture, "x /2gx 0x40090000",
           "0000000040090000: 0x0000000040090020 0x0000000040082000\r\n");
    answer(capture, "x /2gx 0x40090020",
           "0000000040090020: 0x0000000000000000 0x0000000040083000\r\n");
    ck_assert_ptr_null(capture_next(capture));
    ck_assert_uint_eq(capture->frames->len, 2);
    ck_assert_uint_eq(g_array_index(capture->frames, guint64, 1), 0x40083000);
}
END_TEST

START_TEST(ends_on_a_loop_or_nonsense) {
    static const char *const records[] = {"40090000: 0x40090000 0x40082000",
                                          "40090000: 0x4008fff0 0x40082000",
                                          "Cannot access memory",
                                          "",
                                          "x: y",
                                          "40090000: 0x1",
                                          "40090000: 0x40090010 0x0"};
    for (guint i = 0; i < G_N_ELEMENTS(records); i++) {
        g_autoptr(Capture) capture = capture_new();
        capture_answer(capture, " PC=0000000040081000 X29=0000000040090000 SP=000000004008fff0");
        capture_answer(capture, "");
        answer(capture, "x /2gx 0x40090000", records[i]);
        ck_assert_msg(capture_next(capture) == NULL, "%s", records[i]);
        ck_assert_uint_eq(capture->frames->len, 0);
    }
}
END_TEST

START_TEST(is_bounded) {
    g_autoptr(Capture) capture = capture_new();
    capture_answer(capture, " PC=1 X29=10 SP=8");
    capture_answer(capture, "");
    for (guint i = 0; i < CAPTURE_FRAMES_MAX; i++) {
        g_autofree char *next = capture_next(capture);
        ck_assert_ptr_nonnull(next);
        g_autofree char *record = g_strdup_printf("a: 0x%x 0x1", 0x20 + 16 * i);
        capture_answer(capture, record);
    }
    ck_assert_ptr_null(capture_next(capture));
}
END_TEST

START_TEST(an_empty_answer_ends_it) {
    g_autoptr(Capture) capture = capture_new();
    answer(capture, "info registers", "");
    ck_assert_ptr_null(capture_next(capture));
}
END_TEST

SUITE_MAIN("capture", walks_the_frame_records, ends_on_a_loop_or_nonsense, is_bounded,
           an_empty_answer_ends_it)
