/* Gate files: what they mean, and the exact text of every diagnostic. */
#include "gate/gate_keys.h"
#include "suite_gate.h"

START_TEST(reads_a_whole_gate) {
    GError *error = NULL;
    g_autoptr(Gate) gate = parse_gate("# comment\n"
                                      "[gate]\n"
                                      "proves = all of it\n"
                                      "needs = boot0 other\n"
                                      "timeout = 2m\n"
                                      "\n"
                                      "[case one]\n"
                                      "about = the first\n"
                                      "file /init = out:boot0/catm/catm\n"
                                      "file /in = fixture:a.txt + \"x\\n\\x41\" + random:7:1K\n"
                                      "tree /src = fixture:src\n"
                                      "argv = init /in \"a b\"\n"
                                      "exit = 3\n"
                                      "expect /out = golden\n"
                                      "expect /in = fixture:a.txt\n"
                                      "console = \"one\" two\n"
                                      "spawns = 4\n"
                                      "transport = disk\n"
                                      "memory = 4G\n"
                                      "[case two]\n"
                                      "file /init = out:g/one/out\n"
                                      "signal = SIGSEGV\n"
                                      "hang = off\n"
                                      "timeout = 500ms\n",
                                      &error);
    ck_assert_msg(gate != NULL, "%s", error ? error->message : "");
    ck_assert_str_eq(gate->proves, "all of it");
    ck_assert_str_eq(gate->needs[1], "other");
    ck_assert_str_eq(gate->golden_path, "/root/golden/g.sha256");
    const GateCase *one = gate_find_case(gate, "one"), *two = gate_find_case(gate, "two");
    ck_assert_int_eq(one->timeout_ns, 120 * G_GINT64_CONSTANT(1000000000));
    ck_assert_int_eq(one->end.status, 3);
    ck_assert_int_eq(one->spawns, 4);
    ck_assert_int_eq(one->transport, TRANSPORT_DISK);
    ck_assert_uint_eq(one->memory_bytes, G_GUINT64_CONSTANT(4) << 30);
    ck_assert_str_eq(one->argv[2], "a b");
    ck_assert_uint_eq(one->inputs->len, 3);
    const GateInput *joined = one->inputs->pdata[1];
    ck_assert_uint_eq(joined->source->len, 3);
    const SourcePart *text = joined->source->pdata[1], *random = joined->source->pdata[2];
    ck_assert_uint_eq(g_bytes_get_size(text->text), 3);
    ck_assert_mem_eq(g_bytes_get_data(text->text, NULL), "x\nA", 3);
    ck_assert_uint_eq(random->seed, 7);
    ck_assert_uint_eq(random->size, 1024);
    ck_assert_ptr_null(((GateExpect *)one->expects->pdata[0])->source);
    ck_assert_ptr_nonnull(((GateExpect *)one->expects->pdata[1])->source);
    ck_assert_uint_eq(one->console->len, 2);
    ck_assert_int_eq(two->end.signal, 11);
    ck_assert_int_eq(two->hang_ns, 0);
    ck_assert_int_eq(two->timeout_ns, 500 * G_GINT64_CONSTANT(1000000));
    ck_assert(two->nonce);
}
END_TEST

START_TEST(refuses_unknown_and_misplaced_keys) {
    assert_refused(HEAD "exti = 0\n",
                   "g.gate:5:1: error: unknown key \"exti\"; did you mean \"exit\"?\n"
                   "    exti = 0\n    ^~~~");
    assert_refused(HEAD "colour = red\n",
                   "g.gate:5:1: error: unknown key \"colour\"; harness check --keys lists all\n"
                   "    colour = red\n    ^~~~~~");
    assert_refused("[gate]\nexit = 0\n", "g.gate:2:1: error: \"exit\" belongs in a [case NAME]\n"
                                         "    exit = 0\n    ^~~~");
    assert_refused(HEAD "proves = y\n", "g.gate:5:1: error: \"proves\" belongs in [gate]\n"
                                        "    proves = y\n    ^~~~~~");
}
END_TEST

START_TEST(tells_every_mistake_once) {
    /* No further message says what a wrong line leaves missing, or what stands in a wrong section.
     */
    assert_refused("[gate]\nprovs = x\ntimeout = 5\n"
                   "[case a]\nexit = 300\n"
                   "[cas b]\nfoo = 1\nbar = 2\n"
                   "[case c]\nfile /init = what\nexit = 0\nno key\n"
                   "[case a]\nexit = 0\n[case d]\nexit = 0\n",
                   "g.gate:2:1: error: unknown key \"provs\"; did you mean \"proves\"?\n"
                   "    provs = x\n    ^~~~~\n"
                   "g.gate:3:11: error: expected a number with ms, s, m or h, at most a day: "
                   "500ms, 1.5s, 2m\n    timeout = 5\n              ^\n"
                   "g.gate:5:8: error: expected a number from 0 to 255\n    exit = 300\n"
                   "           ^~~\n"
                   "g.gate:6:2: error: unknown section; known sections are [gate], [set NAME], "
                   "[dialog NAME] and [case NAME]\n"
                   "    [cas b]\n     ^~~\n"
                   "g.gate:10:14: error: expected a source: fixture:PATH, build:PATH, "
                   "out:GATE/CASE/PATH, random:SEED:SIZE or \"text\"\n"
                   "    file /init = what\n                 ^~~~\n"
                   "g.gate:12:1: error: expected \"key = value\", \"[section]\" or a comment\n"
                   "    no key\n    ^~~~~~\n"
                   "g.gate:13:7: error: duplicate case \"a\"\n    [case a]\n          ^\n"
                   "g.gate:15:7: error: case \"d\" has no program: add \"file /init = ...\"\n"
                   "    [case d]\n          ^");
}
END_TEST

START_TEST(refuses_duplicates) {
    assert_refused(
        HEAD "exit = 0\nexit = 1\n",
        "g.gate:6:1: error: \"exit\" is already set in this section\n    exit = 1\n    ^~~~");
    assert_refused(HEAD "exit = 0\nsignal = SIGBUS\n",
                   "g.gate:6:1: error: a case has either \"exit\" or \"signal\"\n"
                   "    signal = SIGBUS\n    ^~~~~~");
    assert_refused(HEAD "file /init = build:b\n",
                   "g.gate:5:1: error: \"file /init\" is already set in this section\n"
                   "    file /init = build:b\n    ^~~~");
    assert_refused(HEAD "exit = 0\n[case a]\n",
                   "g.gate:6:7: error: duplicate case \"a\"\n    [case a]\n          ^");
    assert_refused(
        "[gate]\nproves = x\n[gate]\n",
        "g.gate:3:2: error: duplicate [gate]; it must be the first section\n    [gate]\n     ^~~~");
}
END_TEST

START_TEST(refuses_missing_parts) {
    assert_refused("", "g.gate:1:1: error: missing key \"proves\" in [gate]\n    \n    ^");
    assert_refused("[gate]\nproves = x\n",
                   "g.gate:3:1: error: the gate has no [case NAME]\n    \n    ^");
    assert_refused(
        "proves = x\n",
        "g.gate:1:1: error: the first section must be [gate]\n    proves = x\n    ^~~~~~");
    assert_refused(HEAD,
                   "g.gate:3:7: error: case \"a\" judges nothing: add \"exit\", \"signal\", "
                   "\"status\", \"results\", \"console\" or \"dialog\"\n    [case a]\n          ^");
    assert_refused(HEAD "kernel = k\ndialog = send \"x\"\n",
                   "g.gate:3:7: error: case \"a\" judges nothing: add \"exit\", \"signal\", "
                   "\"status\", \"results\", \"console\" or \"dialog\" with a wait\n    [case a]\n "
                   "         ^");
    assert_refused("[gate]\nproves = x\n[case a]\nexit = 0\n",
                   "g.gate:3:7: error: case \"a\" has no program: add \"file /init = ...\"\n"
                   "    [case a]\n          ^");
    assert_refused(
        HEAD "file = build:a\n",
        "g.gate:5:1: error: \"file\" needs a guest path: file /path = SOURCE [+ SOURCE]...\n"
        "    file = build:a\n    ^~~~");
    assert_refused(HEAD "file /b =\n",
                   "g.gate:5:10: error: missing source\n    file /b =\n             ^");
    assert_refused("[gate]\nproves =\n",
                   "g.gate:2:9: error: missing value\n    proves =\n            ^");
}
END_TEST

START_TEST(refuses_broken_lines) {
    assert_refused("[gate\n", "g.gate:1:6: error: a section line must end with \"]\"\n"
                              "    [gate\n         ^");
    assert_refused("[]\n", "g.gate:1:1: error: missing section name\n    []\n    ^~");
    assert_refused("[gates]\n", "g.gate:1:2: error: unknown section; known sections are [gate], "
                                "[set NAME], [dialog NAME] and [case NAME]\n"
                                "    [gates]\n     ^~~~~");
    assert_refused("[gate]\nhello\n",
                   "g.gate:2:1: error: expected \"key = value\", \"[section]\" or a comment\n"
                   "    hello\n    ^~~~~");
    assert_refused("[gate]\n= 1\n", "g.gate:2:1: error: missing key before \"=\"\n    = 1\n    ^");
    assert_refused("[gate]\r\n",
                   "g.gate:1:7: error: control byte 0x0d (lines must end in a newline "
                   "without carriage return)\n    [gate]?\n          ^");
    assert_refused(
        "[gate]\nproves = \xff\n",
        "g.gate:2:10: error: byte 0xff is not UTF-8\n    proves = \xef\xbf\xbd\n             ^");
}
END_TEST

START_TEST(refuses_bad_values) {
    assert_refused(
        HEAD "exit = 256\n",
        "g.gate:5:8: error: expected a number from 0 to 255\n    exit = 256\n           ^~~");
    assert_refused(
        HEAD "exit = -1\n",
        "g.gate:5:8: error: expected a number from 0 to 255\n    exit = -1\n           ^~");
    assert_refused(HEAD "timeout = 5\n",
                   "g.gate:5:11: error: expected a number with ms, s, m or h, at most a day: "
                   "500ms, 1.5s, 2m\n    timeout = 5\n              ^");
    assert_refused(
        HEAD "memory = 1T\n",
        "g.gate:5:10: error: expected a number of bytes, or of K, M or G of 1024: 4096, 512K, 1G\n"
        "    memory = 1T\n             ^~");
    assert_refused(HEAD "memory = 1000G\n", "g.gate:5:10: error: the limit is 68719476736 bytes\n"
                                            "    memory = 1000G\n             ^~~~~");
    assert_refused(HEAD "file /b = fixtures:a\n",
                   "g.gate:5:11: error: expected a source: fixture:PATH, build:PATH, "
                   "out:GATE/CASE/PATH, random:SEED:SIZE or \"text\"\n"
                   "    file /b = fixtures:a\n              ^~~~~~~~~~");
    assert_refused(HEAD "file /b = fixture:../a\n",
                   "g.gate:5:19: error: the path has a component \"..\"\n"
                   "    file /b = fixture:../a\n                      ^~~~");
    assert_refused(HEAD "file /b = fixture:/a/../b\n",
                   "g.gate:5:20: error: the path has a component \"..\"\n"
                   "    file /b = fixture:/a/../b\n                       ^~~~~~");
    assert_refused(HEAD "file /b = fixture://a\n",
                   "g.gate:5:20: error: the path must be relative. fixture:PATH: A file below "
                   "fixtures/GATE/ of this gate. With a slash in front, fixture:/OTHER/PATH, below "
                   "fixtures/.\n"
                   "    file /b = fixture://a\n                       ^~");
    assert_refused(HEAD "file b = fixture:a\n",
                   "g.gate:5:6: error: the guest path must begin with a slash\n"
                   "    file b = fixture:a\n         ^");
    assert_refused(HEAD "file /b = \"a\\q\"\n", "g.gate:5:13: error: unknown escape; known escapes "
                                                "are \\n \\t \\r \\e \\0 \\\\ \\\" \\xHH\n"
                                                "    file /b = \"a\\q\"\n                ^~");
    assert_refused(HEAD "file /b = \"a\n", "g.gate:5:11: error: missing closing quote\n"
                                           "    file /b = \"a\n              ^~");
    assert_refused(HEAD "file /b = \"a\" \"b\"\n",
                   "g.gate:5:16: error: expected \"+\" between sources\n"
                   "    file /b = \"a\" \"b\"\n                   ^");
    assert_refused(HEAD "file /b = + \"b\"\n", "g.gate:5:11: error: missing source before \"+\"\n"
                                               "    file /b = + \"b\"\n              ^");
    assert_refused(
        HEAD "argv = \"a\\nb\"\nexit = 0\n",
        "g.gate:5:8: error: an argument of init cannot contain a newline: /init.argv, which "
        "carries them, has one argument on each line\n    argv = \"a\\nb\"\n           ^~~~~~");
}
END_TEST

START_TEST(refuses_outputs_that_cannot_be) {
    assert_refused(HEAD "exit = 0\nfile /b = out:other/c/x\n",
                   "g.gate:6:11: error: add the gate of this output to \"needs\"\n"
                   "    file /b = out:other/c/x\n              ^~~~~~~~~~~~~");
    assert_refused(HEAD "exit = 0\nfile /b = out:g/b/x\n",
                   "g.gate:6:11: error: this gate has no case \"b\"\n"
                   "    file /b = out:g/b/x\n              ^~~~~~~~~");
    assert_refused(HEAD "exit = 0\nfile /b = out:g/a/x\n",
                   "g.gate:6:11: error: case \"a\" is not an earlier case\n"
                   "    file /b = out:g/a/x\n              ^~~~~~~~~");
    assert_refused(HEAD "exit = 0\nfile /b = out:g/a\n",
                   "g.gate:6:11: error: expected out:GATE/CASE/PATH\n"
                   "    file /b = out:g/a\n              ^~~~~~~");
}
END_TEST

START_TEST(every_key_has_help) {
    for (const GateKey *key = gate_keys; key->name; key++) {
        ck_assert_ptr_nonnull(key->type);
        ck_assert_uint_gt(strlen(key->help), 10);
        ck_assert_uint_gt(strlen(key->syntax), 0);
    }
}
END_TEST

SUITE_MAIN("gate", reads_a_whole_gate, refuses_unknown_and_misplaced_keys, tells_every_mistake_once,
           refuses_duplicates, refuses_missing_parts, refuses_broken_lines, refuses_bad_values,
           refuses_outputs_that_cannot_be, every_key_has_help)
