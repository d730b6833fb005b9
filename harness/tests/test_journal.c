/* Journals: written, read back, cut off, broken. */
#include "attempt/spawns.h"
#include "base/clock.h"
#include "base/error.h"
#include "base/json_in.h"
#include "record/journal.h"
#include "record/journal_format.h"
#include "record/record_read.h"
#include "report/report.h"
#include "suite.h"
#include <glib/gstdio.h>
#include <unistd.h>

/* ---- A record of everything that a journal can hold ---- */

static Record *plan(void) {
    Record *record = record_new();
    record->time = g_strdup("2026-01-31T23:59:59.123456Z");
    record->harness = g_strdup("1.0");
    record->clock_ns = 1000;
    record->arguments = g_strsplit("harness,run,a b", ",", -1);
    record->qemu = g_strdup("/usr/bin/qemu");
    record->kernel = g_strdup("build/kernel/Image");
    record->kernel_sha256 = g_strdup("00ff");
    record->icount = TRUE;
    RecordGate *x = record_add_gate(record, "x", "gates/x.gate", "x holds");
    RecordGate *y = record_add_gate(record, "y/z", "gates/y/z.gate", NULL);
    record_add_case(record, x, "one", "the first", FALSE);
    record_add_case(record, x, "two", NULL, TRUE);
    record_add_case(record, y, "one", NULL, TRUE);
    return record;
}

static Event frame_event(const char *line, gint64 time_ns, GStringChunk *strings) {
    Event event = {.kind = EVENT_LINE, .time_ns = time_ns};
    GError *error = NULL;
    ck_assert_msg(kernel_line_parse(line, strlen(line), NULL, strings, &event.kernel_line,
                                    &error) == LINE_PARSE_OK,
                  "%s", line);
    return event;
}

typedef struct {
    Record *record;
    Journal *journal;
    GStringChunk *strings;
} Writer;

static RecordAttempt *start(Writer *writer, const char *id, gint64 at_ns) {
    RecordAttempt *attempt = record_add_attempt(record_find_case(writer->record, id));
    attempt->ran = TRUE;
    attempt->start_at_ns = at_ns;
    journal_started(writer->journal, attempt);
    return attempt;
}

static void end(Writer *writer, RecordAttempt *attempt, gint64 at_ns) {
    writer->record->end_at_ns = at_ns;
    record_end_attempt(writer->record, attempt);
    journal_ended(writer->journal, attempt);
}

static void write_spawns(Writer *writer, RecordAttempt *attempt) {
    RecordSpawn *init = record_add_spawn(attempt);
    *init = (RecordSpawn){1,
                          0,
                          g_strdup("/init"),
                          g_strsplit("init,a b,", ",", -1),
                          .start_at_ns = 100,
                          .host_ns = -1,
                          .guest_ns = -1};
    Event event = frame_event(
        "=== SPAWN pid=1 ppid=0 argc=1 path=/init argv=init ticks=5 ===", 1100, writer->strings);
    journal_event(writer->journal, attempt, &event, 0);
    RecordSpawn *child = record_add_spawn(attempt);
    *child = (RecordSpawn){2,
                           1,
                           g_strdup("/c\xc3\xa4\x01"),
                           g_strsplit("c", ",", -1),
                           .start_at_ns = 200,
                           .host_ns = -1,
                           .guest_ns = -1};
    event.time_ns = 1200;
    journal_event(writer->journal, attempt, &event, 1);
    child->host_ns = 50;
    child->guest_ns = 40;
    child->signal = 11;
    event = frame_event(
        "=== EXIT pid=2 signal=11 elr=0x600000 far=0x0 esr=0xffffffffffffffff ticks=7 ===", 1250,
        writer->strings);
    journal_event(writer->journal, attempt, &event, 1);
    /* An EXIT of whose SPAWN nothing is known. */
    event = frame_event("=== EXIT pid=9 status=3 ticks=7 ===", 1255, writer->strings);
    journal_event(writer->journal, attempt, &event, -1);
}

static void write_events(Writer *writer, RecordAttempt *attempt) {
    static const char *const lines[] = {
        "=== BOOT mem=18446744073709551615 freq=1 ticks=0 ===",
        "=== ENOSYS nr=123 pid=2 ===",
        "=== PANIC it is over ===",
        "=== REGISTERS pc=0x1 ===",
        "=== LOST files ===",
        "=== END status=0 files=1 leaked-pages=0 ticks=9 ===",
    };
    for (guint i = 0; i < G_N_ELEMENTS(lines); i++) {
        Event event = frame_event(lines[i], 1300 + i, writer->strings);
        NoteKind kind;
        if (record_note_find(journal_event_name(&event), &kind))
            record_add_note(attempt, 300 + i, kind, journal_event_text(&event));
        journal_event(writer->journal, attempt, &event, -1);
    }
    Event qemu = {.kind = EVENT_VERSION, .time_ns = 1400, .text = "7.2"};
    writer->record->qemu_version = g_strdup("7.2");
    journal_event(writer->journal, attempt, &qemu, -1);
    Event file = {.kind = EVENT_FILE, .time_ns = 1401, .text = "/f", .size = 5, .sha256 = "ab"};
    record_add_file(attempt, g_strdup("/f"), 5, g_strdup("ab"));
    journal_event(writer->journal, attempt, &file, -1);
    Event bad = {.kind = EVENT_BAD, .time_ns = 1402, .text = "\x1b\xff]]>"};
    record_add_note(attempt, 402, NOTE_BAD, journal_event_text(&bad));
    journal_event(writer->journal, attempt, &bad, -1);
}

static void set_failed(RecordAttempt *attempt) {
    attempt->verdict = VERDICT_FAIL;
    attempt->duration_ns = 77;
    RecordFinding *finding = record_add_finding(attempt, g_strdup("line one\nline \"two\" \\"));
    finding->expected = g_strdup("sha256 00");
    finding->actual = g_strdup("sha256 01");
    finding->guest_path = g_strdup("/f");
    finding->difference = g_strdup("first difference at byte 0\nexpected 00\nactual   01\n");
    record_add_finding(attempt, g_strdup("and more"));
    attempt->diagnosis = g_strdup("stopped at 0x0\n  registers\n");
    g_free(attempt->console);
    attempt->console = g_strdup("\x1b[31m]]>\t\xc2\x9b\n<script>\\x00");
}

/* Writes a journal to `path`: x/one fails and passes at its second attempt, x/two is skipped,
 * y/z/one fails. Returns the record. */
static Record *write_journal(const char *path) {
    GError *error = NULL;
    Writer writer = {.record = plan(), .strings = g_string_chunk_new(256)};
    writer.journal = journal_open(path, writer.record, &error);
    ck_assert_msg(writer.journal != NULL, "%s", error ? error->message : "");
    RecordAttempt *first = start(&writer, "x/one", 90);
    write_spawns(&writer, first);
    RecordAttempt *beside = start(&writer, "y/z/one", 260);
    write_events(&writer, first);
    set_failed(first);
    end(&writer, first, 500);
    RecordAttempt *second = start(&writer, "x/one", 510);
    set_failed(beside);
    end(&writer, beside, 600);
    second->duration_ns = 90;
    end(&writer, second, 610);
    RecordAttempt *skip = record_add_attempt(record_find_case(writer.record, "x/two"));
    skip->verdict = VERDICT_SKIP;
    record_add_finding(skip, g_strdup("it needs x/none"));
    end(&writer, skip, 620);
    writer.record->complete = TRUE;
    writer.record->end_at_ns = 700;
    ck_assert(journal_finish(writer.journal, &error));
    journal_free(writer.journal);
    g_string_chunk_free(writer.strings);
    return writer.record;
}

static char *test_path(const char *name) { return g_build_filename(suite_folder(), name, NULL); }

static GString *read_text(const char *path) {
    char *text;
    gsize length;
    ck_assert(g_file_get_contents(path, &text, &length, NULL));
    GString *copy = g_string_new_len(text, (gssize)length);
    g_free(text);
    return copy;
}

/* ---- Tests ---- */

START_TEST(what_is_written_is_read) {
    g_autofree char *path = test_path("whole.jsonl");
    g_autoptr(Record) record = write_journal(path);
    GError *error = NULL;
    g_autoptr(Record) again = record_load(path, &error);
    ck_assert_msg(again != NULL, "%s", error ? error->message : "");
    /* JSON and text together show every member of a record. */
    for (const ReportFormat *format = report_formats; format->name; format++) {
        g_autoptr(GString) a = report_make(format, record), b = report_make(format, again);
        ck_assert_str_eq(a->str, b->str);
    }
    RecordTotals totals = record_totals(again);
    ck_assert_uint_eq(totals.cases, 3);
    ck_assert_uint_eq(totals.verdicts[VERDICT_PASS], 1);
    ck_assert_uint_eq(totals.verdicts[VERDICT_FAIL], 1);
    ck_assert_uint_eq(totals.verdicts[VERDICT_SKIP], 1);
    ck_assert_uint_eq(totals.flaky, 1);
    ck_assert_uint_eq(totals.spawns, 2);
    ck_assert(record_is_flaky(record_find_case(again, "x/one")));
    ck_assert(again->complete && !again->interrupted);
    ck_assert_str_eq(again->qemu_version, "7.2");
    const RecordAttempt *first = record_find_case(again, "x/one")->attempts->pdata[0];
    const RecordSpawn *child = first->spawns->pdata[1];
    ck_assert_int_eq(child->host_ns, 50);
    ck_assert_int_eq(child->guest_ns, 40);
    ck_assert_uint_eq(child->signal, 11);
    ck_assert_str_eq(child->path, "/c\xc3\xa4\x01");
    ck_assert_str_eq(first->console, "\x1b[31m]]>\t\xc2\x9b\n<script>\\x00");
    ck_assert_uint_eq(first->notes->len, 4);
}
END_TEST

/* Every line is an object of its own, and one write: see also test_reports.pl, which counts them.
 */
START_TEST(every_line_is_json) {
    g_autofree char *path = test_path("lines.jsonl");
    record_free(write_journal(path));
    GString *text = read_text(path);
    g_auto(GStrv) lines = g_strsplit(text->str, "\n", -1);
    g_autoptr(JsonParser) parser = json_parser_new();
    guint count = 0;
    for (char **line = lines; line[1]; line++, count++)
        ck_assert_msg(json_parser_load_from_data(parser, *line, -1, NULL), "%s", *line);
    ck_assert_uint_eq(count, 1 + 2 + 3 + 3 + 4 + 5 + 3 + 4 + 1);
    ck_assert_ptr_null(memchr(text->str, 0, text->len));
    g_string_free(text, TRUE);
}
END_TEST

/* A cut behind the plan gives a record with every case; before it, an error. */
START_TEST(any_cut_keeps_the_totals) {
    g_autofree char *path = test_path("cut.jsonl");
    record_free(write_journal(path));
    GString *text = read_text(path);
    const char *plan_end = strstr(text->str, "{\"event\":\"start\"");
    guint last_ended = 0;
    for (gsize length = 0; length < text->len; length++) {
        g_autofree char *copy = g_memdup2(text->str, length);
        GError *error = NULL;
        g_autoptr(Record) record = record_read("j", copy, length, &error);
        if (length < (gsize)(plan_end - text->str)) {
            ck_assert_ptr_null(record);
            suite_assert_error(&error,
                               "j: not a journal, or truncated before the end of its plan, when "
                               "nothing had run");
            continue;
        }
        ck_assert_msg(record != NULL, "%zu: %s", (size_t)length, error ? error->message : "");
        RecordTotals totals = record_totals(record);
        ck_assert_uint_eq(totals.cases, 3);
        ck_assert(!record->complete);
        guint sum = 0;
        for (guint kind = 0; kind < VERDICT_KINDS; kind++)
            sum += totals.verdicts[kind];
        ck_assert_uint_eq(sum, 3);
        ck_assert_uint_ge(3 - totals.verdicts[VERDICT_SKIP], last_ended);
        last_ended = 3 - totals.verdicts[VERDICT_SKIP];
    }
    ck_assert_uint_eq(last_ended, 2);
    g_string_free(text, TRUE);
}
END_TEST

START_TEST(what_had_not_ended_is_no_pass) {
    g_autofree char *path = test_path("open.jsonl");
    record_free(write_journal(path));
    GString *text = read_text(path);
    /* Behind the start of the second attempt at x/one. */
    gsize cut = (gsize)(strstr(text->str, "\"attempt\":2") - text->str) + 30;
    g_autoptr(Record) record = record_read("j", text->str, cut, NULL);
    const RecordCase *one = record_find_case(record, "x/one");
    ck_assert_uint_eq(one->attempts->len, 2);
    /* Its failure stands: the interrupted attempt does not change it. */
    ck_assert_int_eq(record_result(one)->verdict, VERDICT_FAIL);
    const RecordAttempt *beside = record_result(record_find_case(record, "y/z/one"));
    ck_assert_int_eq(beside->verdict, VERDICT_ERROR);
    ck_assert_str_eq(((RecordFinding *)beside->findings->pdata[0])->text,
                     "the run stopped before it ended");
    const RecordAttempt *never = record_result(record_find_case(record, "x/two"));
    ck_assert_int_eq(never->verdict, VERDICT_SKIP);
    ck_assert_str_eq(((RecordFinding *)never->findings->pdata[0])->text,
                     "the run stopped before it began");
    g_string_free(text, TRUE);
}
END_TEST

#define HEAD                                                                           \
    "{\"event\":\"run\",\"journal\":1,\"time\":\"t\",\"clock_ns\":0,\"arguments\":[]," \
    "\"qemu\":\"q\",\"kernel\":\"k\",\"gates\":1,\"cases\":1}\n"
#define GATE  "{\"event\":\"gate\",\"gate\":\"g\",\"path\":\"p\"}\n"
#define CASE  "{\"event\":\"case\",\"case\":\"g/c\",\"gate\":\"g\",\"name\":\"c\"}\n"
#define PLAN  HEAD GATE CASE
#define IN    "\"case\":\"g/c\",\"attempt\":1,\"at_ns\":5"
#define START "{\"event\":\"start\"," IN "}\n"
#define SPAWN "{\"event\":\"spawn\"," IN ",\"spawn\":0,\"path\":\"/i\"}\n"
#define EXIT  "{\"event\":\"exit\"," IN ",\"spawn\":0,\"host_ns\":1}\n"
#define PASS \
    "{\"event\":\"verdict\"," IN ",\"verdict\":\"pass\",\"duration_ns\":1,\"findings\":[]}\n"
#define END "{\"event\":\"totals\",\"at_ns\":6}\n"

START_TEST(broken_lines_are_told) {
    static const struct {
        const char *text, *message;
    } cases[] = {
        {"x\n", "j:1: the line is not JSON"},
        {"{}\n", "j:1: the line is not the first line of a journal"},
        {"{\"event\":\"run\",\"journal\":2}\n",
         "j:1: the line has a journal version that this harness does not support"},
        {"{\"event\":\"run\",\"journal\":1}\n",
         "j:1: the line lacks the numbers of gates and cases"},
        {HEAD CASE, "j:2: the line is not the expected gate of the plan"},
        {HEAD GATE GATE, "j:3: the line is not the expected case of the plan"},
        {HEAD "{\"event\":\"gate\"}\n", "j:2: the line lacks the name and path of a gate"},
        {HEAD GATE "{\"event\":\"case\",\"gate\":\"h\",\"name\":\"c\"}\n",
         "j:3: the line does not name a case of an earlier gate"},
        {PLAN "{}\n", "j:4: the line has no \"event\" member"},
        {PLAN "{\"event\":\"start\"}\n", "j:4: the line lacks the time of the event"},
        {PLAN "{\"event\":\"start\",\"at_ns\":-1}\n", "j:4: the line lacks the time of the event"},
        {PLAN "{\"event\":\"start\",\"at_ns\":1}\n",
         "j:4: the line does not name a case of the plan"},
        {PLAN "{\"event\":\"start\",\"at_ns\":1,\"case\":\"g/c\",\"attempt\":2}\n",
         "j:4: the line refers to no running attempt"},
        {PLAN SPAWN, "j:4: the line refers to no running attempt"},
        {PLAN START START, "j:5: the line begins an attempt that has already begun"},
        {PLAN START SPAWN SPAWN, "j:6: the line is not the next spawn of its attempt"},
        {PLAN START EXIT, "j:5: the line ends a spawn that has not begun"},
        {PLAN START SPAWN EXIT EXIT, "j:7: the line ends a spawn that has already ended"},
        {PLAN START "{\"event\":\"file\"," IN "}\n",
         "j:5: the line lacks the path and hash of a file"},
        {PLAN START "{\"event\":\"verdict\"," IN ",\"verdict\":\"good\",\"duration_ns\":1}\n",
         "j:5: the line lacks the verdict and its duration"},
        {PLAN START "{\"event\":\"verdict\"," IN ",\"verdict\":\"pass\",\"duration_ns\":1}\n",
         "j:5: the line lacks the findings"},
        {PLAN START "{\"event\":\"verdict\"," IN
                    ",\"verdict\":\"fail\",\"duration_ns\":1,\"findings\":[]}\n",
         "j:5: the line lacks a reason for the verdict"},
        {PLAN PASS, "j:4: the line has the verdict pass for an attempt that has not begun"},
        {PLAN START PASS SPAWN, "j:6: the line refers to no running attempt"},
        {PLAN START "\n" PASS, "j:5: the line is not a JSON object"},
        {PLAN END START, "j:5: the line comes after the end of the run"},
    };
    for (guint i = 0; i < G_N_ELEMENTS(cases); i++) {
        GError *error = NULL;
        Record *record = record_read("j", cases[i].text, strlen(cases[i].text), &error);
        ck_assert_msg(record == NULL, "%s", cases[i].text);
        ck_assert(g_error_matches(error, HARNESS_ERROR, HARNESS_ERROR_PROTOCOL));
        suite_assert_error(&error, cases[i].message);
    }
}
END_TEST

START_TEST(other_events_are_passed_over) {
    const char *text = PLAN "{\"event\":\"later\",\"at_ns\":1}\n" START SPAWN EXIT PASS END;
    g_autoptr(Record) record = record_read("j", text, strlen(text), NULL);
    ck_assert_ptr_nonnull(record);
    ck_assert_uint_eq(record_totals(record).verdicts[VERDICT_PASS], 1);
    ck_assert(record->complete);
}
END_TEST

START_TEST(a_journal_that_cannot_be_written_is_an_error) {
    GError *error = NULL;
    g_autoptr(Record) record = plan();
    g_autofree char *missing = test_path("no/such/folder");
    ck_assert_ptr_null(journal_open(missing, record, &error));
    ck_assert(g_error_matches(error, HARNESS_ERROR, HARNESS_ERROR_IO));
    g_clear_error(&error);
    ck_assert_ptr_null(journal_open("/dev/full", record, &error));
    suite_assert_error(&error, "the journal /dev/full: write: No space left on device");
}
END_TEST

SUITE_MAIN("journal", what_is_written_is_read, every_line_is_json, any_cut_keeps_the_totals,
           what_had_not_ended_is_no_pass, broken_lines_are_told, other_events_are_passed_over,
           a_journal_that_cannot_be_written_is_an_error)
