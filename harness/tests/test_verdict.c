/* Verdicts: each is decided from a log made here by hand, with a clock of our own. */
#include "attempt/match.h"
#include "attempt/spawns.h"
#include "attempt/verdict.h"
#include "attempt/verdict_decide.h"
#include "base/clock.h"
#include "base/hexdiff.h"
#include "suite.h"

#define HASH_A "aaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaa"
#define HASH_B "bbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbb"

static gint64 fake_ns;

static gint64 fake_clock(void) { return fake_ns += 1000000; }

static const GateCase *a_case(const char *extra) {
    static Gate *gate;
    if (gate) gate_free(gate);
    g_autofree char *text =
        g_strconcat("[gate]\nproves = x\n[case a]\nfile /init = \"x\"\n", extra, NULL);
    GError *error = NULL;
    gate = gate_parse("g", "g.gate", "/", text, strlen(text), &error);
    ck_assert_msg(gate != NULL, "%s", error ? error->message : "");
    return gate_find_case(gate, "a");
}

/* Adds the kernel line `text` to `log`. */
static void add_frame(EventLog *log, const char *text) {
    g_autofree char *line = g_strdup_printf("=== %s ===", text);
    KernelLine kernel_line;
    ck_assert_int_eq(kernel_line_parse(line, strlen(line), NULL, log->strings, &kernel_line, NULL),
                     LINE_PARSE_OK);
    event_log_append(log, &(Event){.kind = EVENT_LINE, .kernel_line = kernel_line});
}

static void add_file(EventLog *log, const char *path, const char *sha256) {
    event_log_append(log, &(Event){.kind = EVENT_FILE, .text = path, .sha256 = sha256});
}

static void add_exit(EventLog *log, int wait_status, const char *said) {
    event_log_append(log, &(Event){.kind = EVENT_QEMU_EXIT, .text = said, .number = wait_status});
}

static EventLog *log_until_end(const char *end) {
    clock_set_source(fake_clock);
    EventLog *log = event_log_new();
    add_frame(log, "BOOT mem=1 freq=1000000 ticks=0");
    add_frame(log, "SPAWN pid=1 ppid=0 argc=1 path=/init argv=init ticks=10");
    add_frame(log, "EXIT pid=1 status=0 ticks=30");
    if (end) add_frame(log, end);
    return log;
}

static GPtrArray *expect_file(const char *path, const char *sha256) {
    GPtrArray *expected = g_ptr_array_new_with_free_func((GDestroyNotify)expected_file_free);
    if (path) {
        ExpectedFile *file = g_new0(ExpectedFile, 1);
        file->guest_path = g_strdup(path);
        file->sha256 = g_strdup(sha256);
        file->is_golden = TRUE;
        g_ptr_array_add(expected, file);
    }
    return expected;
}

/* Decides, frees log and expected, and compares kind and the first finding's text. */
static void assert_verdict(const GateCase *c, EventLog *log, GPtrArray *expected, VerdictKind kind,
                           const char *text) {
    g_autoptr(Verdict) verdict = verdict_decide(c, log, expected, NULL);
    const char *got = verdict->findings->len ? ((Finding *)verdict->findings->pdata[0])->text : "";
    ck_assert_msg(verdict->kind == kind, "%s: %s", verdict_name(verdict->kind), got);
    ck_assert_str_eq(got, text);
    event_log_free(log);
    g_ptr_array_unref(expected);
}

START_TEST(passes_what_is_right) {
    EventLog *log = log_until_end(NULL);
    add_file(log, "/out", HASH_A);
    add_frame(log, "END status=0 files=1 leaked-pages=0 ticks=40");
    add_exit(log, 0, "");
    assert_verdict(a_case("exit = 0\nspawns = 0\n"), log, expect_file("/out", HASH_A), VERDICT_PASS,
                   "");
}
END_TEST

START_TEST(fails_wrong_answers) {
    const char *end = "END status=0 files=0 leaked-pages=0 ticks=40";
    assert_verdict(a_case("exit = 0\n"), log_until_end(end), expect_file("/out", HASH_A),
                   VERDICT_FAIL, "/out: the guest did not leave this file");
    EventLog *log = log_until_end(NULL);
    add_file(log, "/out", HASH_B);
    add_frame(log, "END status=0 files=1 leaked-pages=0 ticks=40");
    assert_verdict(a_case("exit = 0\n"), log, expect_file("/out", HASH_A), VERDICT_FAIL,
                   "/out: the content differs from the golden file");
    assert_verdict(a_case("exit = 1\n"), log_until_end(end), expect_file(NULL, NULL), VERDICT_FAIL,
                   "init did not end as expected");
    assert_verdict(a_case("signal = SIGSEGV\n"), log_until_end(end), expect_file(NULL, NULL),
                   VERDICT_FAIL, "init did not end as expected");
    assert_verdict(a_case("exit = 0\nspawns = 2\n"), log_until_end(end), expect_file(NULL, NULL),
                   VERDICT_FAIL, "wrong number of spawned programs");
    assert_verdict(a_case("exit = 0\nconsole = \"hi\"\n"), log_until_end(end),
                   expect_file(NULL, NULL), VERDICT_FAIL, "the console does not show \"hi\"");
    assert_verdict(a_case("exit = 0\n"),
                   log_until_end("END status=0 files=0 leaked-pages=3 ticks=40"),
                   expect_file(NULL, NULL), VERDICT_FAIL, "the kernel leaked 3 pages");
    assert_verdict(
        a_case("exit = 0\n"), log_until_end("END status=0 files=1 leaked-pages=0 ticks=40"),
        expect_file(NULL, NULL), VERDICT_FAIL, "incomplete dump: END announces 1 files, 0 arrived");
    assert_verdict(
        a_case("exit = 0\n"), log_until_end(NULL), expect_file(NULL, NULL), VERDICT_FAIL,
        "the guest powered off without an END line, so its output is incomplete; see the console");
}
END_TEST

START_TEST(judges_faults_of_init) {
    EventLog *log = event_log_new();
    add_frame(log, "EXIT pid=1 signal=11 elr=600010 far=0 esr=92000004 ticks=3");
    add_frame(log, "END status=139 files=0 leaked-pages=0 ticks=4");
    assert_verdict(a_case("signal = SIGSEGV\n"), log, expect_file(NULL, NULL), VERDICT_PASS, "");
    log = event_log_new();
    add_frame(log, "EXIT pid=1 signal=11 elr=600010 far=0 esr=92000004 ticks=3");
    add_frame(log, "END status=139 files=0 leaked-pages=0 ticks=4");
    assert_verdict(
        a_case("exit = 0\n"), log, expect_file(NULL, NULL), VERDICT_FAIL,
        "a fault killed init: ELR 0x600010, address (FAR) 0x0, syndrome (ESR) 0x92000004");
}
END_TEST

START_TEST(budgets_fail_exactly_when_exceeded) {
    /* init costs 20 us of a clock in which a nanosecond is an instruction. */
    static const struct {
        const char *budget;
        gint64 icount;
        VerdictKind kind;
    } cases[] = {
        {"20000", 1, VERDICT_PASS}, {"19999", 1, VERDICT_FAIL}, {"19999", 0, VERDICT_PASS}};
    for (guint i = 0; i < G_N_ELEMENTS(cases); i++) {
        g_autofree char *extra = g_strdup_printf("exit = 0\nbudget = %s\n", cases[i].budget);
        EventLog *log = event_log_new();
        event_log_append(log, &(Event){.kind = EVENT_START, .number = cases[i].icount});
        add_frame(log, "BOOT mem=1 freq=1000000 ticks=0");
        add_frame(log, "SPAWN pid=1 ppid=0 argc=1 path=/init argv=init ticks=10");
        add_frame(log, "EXIT pid=1 status=0 ticks=30");
        add_frame(log, "END status=0 files=0 leaked-pages=0 ticks=40");
        assert_verdict(a_case(extra), log, expect_file(NULL, NULL), cases[i].kind,
                       cases[i].kind == VERDICT_PASS ? "" : "init exceeded its budget");
    }
}
END_TEST

START_TEST(tells_the_other_ends_apart) {
    EventLog *log = log_until_end(NULL);
    add_frame(log, "PANIC no memory");
    assert_verdict(a_case("exit = 0\n"), log, expect_file(NULL, NULL), VERDICT_PANIC,
                   "the kernel panicked: no memory");
    log = log_until_end(NULL);
    event_log_append(log, &(Event){.kind = EVENT_TIMEOUT, .number = 5000000000});
    add_exit(log, 9, "");
    assert_verdict(a_case("exit = 0\ntimeout = 5s\n"), log, expect_file(NULL, NULL),
                   VERDICT_TIMEOUT,
                   "the guest did not end within 5 s (timeout); the last kernel line came 0.0 s "
                   "earlier: EXIT; "
                   "if it is only slow, raise \"timeout\"");
    log = event_log_new();
    event_log_append(log, &(Event){.kind = EVENT_HANG, .number = 1000000000});
    assert_verdict(
        a_case("exit = 0\nhang = 1s\n"), log, expect_file(NULL, NULL), VERDICT_HANG,
        "no kernel line and no file data for 1 s (hang); the kernel printed no line; check that it "
        "is an arm64 Image for this machine; program output does not count as progress; if the "
        "program may run that long, raise \"hang\"");
    log = log_until_end(NULL);
    add_exit(log, 9, "");
    assert_verdict(
        a_case("exit = 0\n"), log, expect_file(NULL, NULL), VERDICT_ERROR,
        "QEMU was killed by signal 9 (Killed) from outside the harness before the guest ended; "
        "check for the out-of-memory killer, or run the case again");
    log = log_until_end(NULL);
    add_exit(log, 1 << 8, "no such machine");
    assert_verdict(a_case("exit = 0\n"), log, expect_file(NULL, NULL), VERDICT_ERROR,
                   "QEMU exited with status 1; QEMU printed: no such machine");
    log = log_until_end("END status=0 files=0 leaked-pages=0 ticks=40");
    event_log_append(log, &(Event){.kind = EVENT_INTERRUPT, .text = "SIGTERM"});
    assert_verdict(a_case("exit = 0\n"), log, expect_file(NULL, NULL), VERDICT_ERROR,
                   "interrupted by SIGTERM");
    log = log_until_end("END status=0 files=0 leaked-pages=0 ticks=40");
    event_log_append(log, &(Event){.kind = EVENT_ERROR, .text = "disk full"});
    assert_verdict(a_case("exit = 0\n"), log, expect_file(NULL, NULL), VERDICT_ERROR, "disk full");
}
END_TEST

START_TEST(no_single_fault_passes) {
    /* Each event of a good log left out in turn: none may pass that lost its END or its file. */
    for (guint left_out = 0; left_out < 3; left_out++) {
        EventLog *log = event_log_new();
        if (left_out != 0) add_file(log, "/out", HASH_A);
        if (left_out != 1) add_frame(log, "END status=0 files=1 leaked-pages=0 ticks=40");
        g_autoptr(GPtrArray) expected = expect_file("/out", HASH_A);
        g_autoptr(Verdict) verdict = verdict_decide(a_case("exit = 0\n"), log, expected, NULL);
        ck_assert_int_eq(verdict->kind, left_out == 2 ? VERDICT_PASS : VERDICT_FAIL);
        event_log_free(log);
    }
}
END_TEST

START_TEST(compares_with_the_counterpart) {
    static const struct {
        const char *path, *sha256, *text;
    } counterparts[] = {
        {"/out", HASH_A, ""},
        {"/out", HASH_B,
         "/out: the content differs from the file of the counterpart on the seed kernel"},
        {"/gone", HASH_A, "/out: the counterpart on the seed kernel did not leave this file"}};
    for (guint i = 0; i < G_N_ELEMENTS(counterparts); i++) {
        EventLog *log = log_until_end(NULL);
        add_file(log, "/out", HASH_A);
        add_frame(log, "END status=0 files=1 leaked-pages=0 ticks=40");
        g_autoptr(GPtrArray) expected = expect_file("/out", HASH_A);
        g_autoptr(GHashTable) files = g_hash_table_new(g_str_hash, g_str_equal);
        g_hash_table_insert(files, (gpointer)counterparts[i].path,
                            (gpointer)counterparts[i].sha256);
        g_autoptr(Verdict) verdict = verdict_decide(a_case("exit = 0\n"), log, expected, files);
        ck_assert_int_eq(verdict->kind, *counterparts[i].text ? VERDICT_FAIL : VERDICT_PASS);
        if (*counterparts[i].text)
            ck_assert_str_eq(((Finding *)verdict->findings->pdata[0])->text, counterparts[i].text);
        if (i == 2)
            ck_assert_str_eq(((Finding *)verdict->findings->pdata[1])->text,
                             "/gone: only the counterpart on the seed kernel left this file");
        event_log_free(log);
    }
}
END_TEST

START_TEST(spawns_nest) {
    clock_set_source(fake_clock);
    EventLog *log = event_log_new();
    add_frame(log, "BOOT mem=1 freq=1000000 ticks=0");
    add_frame(log, "SPAWN pid=1 ppid=0 argc=1 path=/init argv=init ticks=10");
    add_frame(log, "SPAWN pid=2 ppid=1 argc=1 path=/a argv=a ticks=20");
    add_frame(log, "EXIT pid=2 signal=11 elr=0 far=0 esr=0 ticks=50");
    add_frame(log, "SPAWN pid=3 ppid=1 argc=1 path=/b argv=b ticks=60");
    g_autoptr(GArray) spawns = spawns_from_log(log);
    ck_assert_uint_eq(spawns->len, 3);
    const Spawn *s = (const Spawn *)spawns->data;
    ck_assert_int_eq(s[0].guest_ns, -1);
    ck_assert_int_eq(s[1].guest_ns, 30000);
    ck_assert_int_eq(s[1].host_ns, 1000000);
    ck_assert_uint_eq(s[1].signal, 11);
    ck_assert_int_eq(s[2].host_ns, -1);
    event_log_free(log);
}
END_TEST

/* A counter that goes backwards, a frequency of none, times beyond a century: no guest time. */
START_TEST(ticks_without_sense_give_no_time) {
    static const struct {
        const char *boot, *spawn, *exit;
        gint64 guest_ns;
    } cases[] = {
        {"freq=62500000", "ticks=100", "ticks=162", 992},
        {"freq=62500000", "ticks=100", "ticks=99", -1},
        {"freq=0", "ticks=1", "ticks=2", -1},
        {"freq=1", "ticks=0", "ticks=18446744073709551615", -1},
        {"freq=18446744073709551615", "ticks=0", "ticks=18446744073709551614", -1},
        {"freq=1", "ticks=0", "ticks=3000000000", G_GINT64_CONSTANT(3000000000000000000)},
    };
    for (guint i = 0; i < G_N_ELEMENTS(cases); i++) {
        EventLog *log = event_log_new();
        g_autofree char *boot = g_strdup_printf("BOOT mem=1 %s ticks=0", cases[i].boot);
        g_autofree char *spawn =
            g_strdup_printf("SPAWN pid=1 ppid=0 argc=1 path=/i argv=i %s", cases[i].spawn);
        g_autofree char *exit = g_strdup_printf("EXIT pid=1 status=0 %s", cases[i].exit);
        add_frame(log, boot);
        add_frame(log, spawn);
        add_frame(log, exit);
        g_autoptr(GArray) spawns = spawns_from_log(log);
        ck_assert_int_eq(g_array_index(spawns, Spawn, 0).guest_ns, cases[i].guest_ns);
        event_log_free(log);
    }
}
END_TEST

START_TEST(arguments_are_decoded) {
    g_auto(GStrv) words = spawns_decode_argv("a%2cb,,%41%ff,%zz");
    g_autofree char *joined = g_strjoinv("|", words);
    ck_assert_str_eq(joined, "a,b||A\\xff|%zz");
}
END_TEST

START_TEST(hexdiff_shows_both_sides) {
    g_autoptr(GBytes) a = g_bytes_new("0123456789abcdefXYZ", 19),
                      b = g_bytes_new("0123456789abcdefXyZ!", 20);
    g_autofree char *text = hexdiff_format(a, b);
    ck_assert_str_eq(
        text,
        "first difference at byte 17 (0x11); expected 19 bytes, got 20\n"
        "expected 00000000  30 31 32 33 34 35 36 37 38 39 61 62 63 64 65 66  |0123456789abcdef|\n"
        "actual   00000000  30 31 32 33 34 35 36 37 38 39 61 62 63 64 65 66  |0123456789abcdef|\n"
        "expected 00000010  58 59 5a                                         |XYZ|\n"
        "actual   00000010  58 79 5a 21                                      |XyZ!|\n");
    ck_assert_ptr_null(hexdiff_format(a, a));
    g_autoptr(GBytes) empty = g_bytes_new("", 0);
    ck_assert_int_eq(hexdiff_first(empty, a), 0);
    g_autofree guint8 *big = g_malloc0(10000);
    g_autoptr(GBytes) big_a = g_bytes_new(big, 10000);
    big[9000] = 1;
    g_autoptr(GBytes) big_b = g_bytes_new(big, 10000);
    ck_assert_int_eq(hexdiff_first(big_a, big_b), 9000);
}
END_TEST

START_TEST(texts_match_across_cuts) {
    g_autoptr(GPtrArray) texts = g_ptr_array_new_with_free_func((GDestroyNotify)g_bytes_unref);
    g_ptr_array_add(texts, g_bytes_new("abab", 4));
    g_ptr_array_add(texts, g_bytes_new("abc", 3));
    static const struct {
        const char *stream;
        guint found;
    } cases[] = {{"xxababyyabcz", 2}, {"abababc", 2}, {"ababc", 1},
                 {"abcabab", 1},      {"aba", 0},     {"abaabababc", 2}};
    for (guint i = 0; i < G_N_ELEMENTS(cases); i++) {
        gsize length = strlen(cases[i].stream);
        for (gsize piece = 1; piece <= length; piece++) {
            Matcher matcher;
            matcher_init(&matcher, texts);
            guint found = 0;
            for (gsize at = 0; at < length; at += piece)
                found += matcher_feed(&matcher, (const guint8 *)cases[i].stream + at,
                                      MIN(piece, length - at));
            ck_assert_msg(found == cases[i].found, "%s in pieces of %zu: %u", cases[i].stream,
                          piece, found);
            matcher_clear(&matcher);
        }
    }
}
END_TEST

START_TEST(missing_calls_are_named) {
    const GateCase *c = a_case("exit = 1\n");
    clock_set_source(fake_clock);
    EventLog *log = event_log_new();
    add_frame(log, "BOOT mem=1 freq=1000000 ticks=0");
    add_frame(log, "SPAWN pid=1 ppid=0 argc=1 path=/init argv=init ticks=10");
    add_frame(log, "ENOSYS nr=96 pid=1");
    add_frame(log, "SPAWN pid=2 ppid=1 argc=1 path=/a argv=a ticks=11");
    add_frame(log, "ENOSYS nr=99 pid=2");
    add_frame(log, "ENOSYS nr=62 pid=2");
    add_frame(log, "EXIT pid=2 status=0 ticks=12");
    add_frame(log, "ENOSYS nr=99 pid=1");
    add_frame(log, "ENOSYS nr=96 pid=1");
    add_frame(log, "ENOSYS nr=70000 pid=1");
    add_frame(log, "EXIT pid=1 status=0 ticks=30");
    add_frame(log, "END status=0 files=0 leaked-pages=0 ticks=40");
    GPtrArray *none = expect_file(NULL, NULL);
    g_autoptr(Verdict) verdict = verdict_decide(c, log, none, NULL);
    ck_assert_int_eq(verdict->kind, VERDICT_FAIL);
    ck_assert_uint_eq(verdict->findings->len, 3);
    ck_assert_ptr_nonnull(
        strstr(((Finding *)verdict->findings->pdata[1])->text,
               "/init made system calls that the seed kernel does not have: "
               "set_tid_address (96), set_robust_list (99), not a Linux system call "
               "(70000); "));
    ck_assert_ptr_nonnull(strstr(((Finding *)verdict->findings->pdata[2])->text,
                                 "/a made system calls that the seed kernel does not have: "
                                 "set_robust_list (99), lseek (62); "));
    /* Where it passed, they did no harm. */
    g_autoptr(Verdict) passed = verdict_decide(a_case("exit = 0\n"), log, none, NULL);
    ck_assert_int_eq(passed->kind, VERDICT_PASS);
    add_frame(log, "PANIC x");
    g_autoptr(Verdict) panic = verdict_decide(a_case("exit = 0\n"), log, none, NULL);
    ck_assert_uint_eq(panic->findings->len, 3);
    event_log_free(log);
    g_ptr_array_unref(none);
}
END_TEST

SUITE_MAIN("verdict", missing_calls_are_named, budgets_fail_exactly_when_exceeded,
           passes_what_is_right, fails_wrong_answers, judges_faults_of_init,
           tells_the_other_ends_apart, no_single_fault_passes, compares_with_the_counterpart,
           spawns_nest, ticks_without_sense_give_no_time, arguments_are_decoded,
           hexdiff_shows_both_sides, texts_match_across_cuts)
