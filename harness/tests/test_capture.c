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
    g_autoptr(Capture) capture = capture_new("aarch64");
    answer(capture, "info registers",
           "CPU#0\r\n PC=0000000040081000 X00=0\r\nX29=0000000040090000 X30=00000000400812fc  "
           "SP=000000004008fff0\r\n");
    ck_assert_uint_eq(capture->pc, 0x40081000);
    ck_assert_uint_eq(capture->lr, 0x400812fc);
    answer(capture, "x /16gx 0x4008fff0", "000000004008fff0: 0x1 0x2\r\n");
    answer(capture, "x /64bx 0x40081000",
           "0000000040081000: 0x1f 0x20 0x03 0xd5\r\n0000000040081004: 0xc0 0x03\r\n");
    ck_assert_uint_eq(capture->code->len, 6);
    ck_assert_mem_eq(capture->code->data, "\x1f\x20\x03\xd5\xc0\x03", 6);
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
        g_autoptr(Capture) capture = capture_new("aarch64");
        capture_answer(capture, " PC=0000000040081000 X29=0000000040090000 SP=000000004008fff0");
        capture_answer(capture, "");
        capture_answer(capture, "Cannot access memory");
        answer(capture, "x /2gx 0x40090000", records[i]);
        ck_assert_msg(capture_next(capture) == NULL, "%s", records[i]);
        ck_assert_uint_eq(capture->frames->len, 0);
    }
}
END_TEST

START_TEST(is_bounded) {
    g_autoptr(Capture) capture = capture_new("aarch64");
    capture_answer(capture, " PC=1 X29=10 SP=8");
    capture_answer(capture, "");
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
    g_autoptr(Capture) capture = capture_new("aarch64");
    answer(capture, "info registers", "");
    ck_assert_ptr_null(capture_next(capture));
}
END_TEST

/* What QEMU 7.2 prints, shortened. */
START_TEST(knows_other_architectures) {
    static const struct {
        const char *arch, *registers, *stack, *record;
        guint64 pc, sp;
    } others[] = {
        {"x86_64",
         "CPU#0\r\nRAX=0000000000000000 RBX=00000000000100b0\r\nRSI=0 RDI=0 RBP=0000000000107f10 "
         "RSP=0000000000107f00\r\nRIP=0000000000100020 RFL=00000046\r\nES =0010 00000000\r\n",
         "x /16gx 0x107f00", "x /2gx 0x107f10", 0x100020, 0x107f00},
        {"x86_64",
         "EAX=2badb002 EBX=00009500\r\nESI=0 EDI=0 EBP=00107f10 ESP=00107f00\r\nEIP=00100020 "
         "EFL=00000046\r\n",
         "x /16wx 0x107f00", "x /2wx 0x107f10", 0x100020, 0x107f00},
        {"riscv64",
         "CPU#0\r\n V      =   0\r\n pc       00000000800001f4\r\n mhartid  0000000000000000\r\n"
         " x0/zero  0000000000000000 x1/ra    0000000080000200 x2/sp    0000000080010ff0 x3/gp "
         "0000000000000000\r\n x8/s0    0000000080011000 x9/s1    0000000000000000\r\n",
         "x /16gx 0x80010ff0", "x /2gx 0x80010ff0", 0x800001f4, 0x80010ff0},
        {"arm",
         "R00=00000000 R01=00000001\r\nR12=0 R13=20003ff0 R14=00000041 R15=00000060\r\n"
         "XPSR=61000000 -ZC- T priv-thread\r\n",
         "x /16wx 0x20003ff0", NULL, 0x60, 0x20003ff0},
    };
    for (guint i = 0; i < G_N_ELEMENTS(others); i++) {
        g_autoptr(Capture) capture = capture_new(others[i].arch);
        answer(capture, "info registers", others[i].registers);
        ck_assert_uint_eq(capture->pc, others[i].pc);
        ck_assert_uint_eq(capture->sp, others[i].sp);
        answer(capture, others[i].stack, "00: 0x1 0x2\r\n");
        capture_answer(capture, "00: 0x90\r\n");
        g_autofree char *next = capture_next(capture);
        ck_assert_msg(g_strcmp0(next, others[i].record) == 0, "%u: %s", i, next);
    }
    g_autoptr(Capture) unknown = capture_new("m68k");
    answer(unknown, "info registers", "D0 = 00000000 PC = 00001000\r\n");
    ck_assert_ptr_null(capture_next(unknown));
    ck_assert_str_eq(unknown->registers->str, "D0 = 00000000 PC = 00001000\r\n");
}
END_TEST

SUITE_MAIN("capture", knows_other_architectures, walks_the_frame_records,
           ends_on_a_loop_or_nonsense, is_bounded, an_empty_answer_ends_it)
