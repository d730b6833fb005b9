/* Gate files: cases for each value and set, and dialogs that others include. */
#include "suite_gate.h"

START_TEST(makes_a_case_for_each_value) {
    GError *error = NULL;
    g_autoptr(Gate) gate =
        parse_gate("[gate]\nproves = x\nkernel = build/k\n[case a]\nconsole = \"x{2}\"\n"
                   "[case boot]\n# of {m}\neach m = virt sbsa-ref\nmachine = {m}\neach n = 1 2\n"
                   "smp = {n}\nconsole = \"{m} {n} {o}\"\n"
                   "[case t{test}]\neach test = setup  smp\nconsole = {test}\n"
                   "[case last]\nlike = boot-virt-2\n",
                   &error);
    ck_assert_msg(gate != NULL, "%s", error ? error->message : "");
    static const char *const names[] = {
        "a",      "boot-virt-1", "boot-virt-2", "boot-sbsa-ref-1", "boot-sbsa-ref-2",
        "tsetup", "tsmp",        "last"};
    ck_assert_uint_eq(gate->cases->len, G_N_ELEMENTS(names));
    for (guint i = 0; i < G_N_ELEMENTS(names); i++)
        ck_assert_str_eq(((GateCase *)gate->cases->pdata[i])->name, names[i]);
    const GateCase *c = gate_find_case(gate, "boot-sbsa-ref-2");
    ck_assert_str_eq(c->machine, "sbsa-ref");
    ck_assert_int_eq(c->smp, 2);
    ck_assert_mem_eq(g_bytes_get_data(c->console->pdata[0], NULL), "sbsa-ref 2 {o}", 14);
    ck_assert_int_eq(gate_find_case(gate, "last")->smp, 2);
    /* Errors are where they stand in the file, with the line as it was filled in. */
    assert_refused(
        "[gate]\nproves = x\n[case a]\nkernel = k\nconsole = x\neach n = 1 x\n\nsmp = {n}\n",
        "g.gate:8:7: error: expected a number from 0 to 2147483647\n    smp = x\n"
        "          ^");
    assert_refused(HEAD "each n =\n", "g.gate:5:1: error: \"each\" needs values\n    each n =\n"
                                      "    ^~~~");
    assert_refused(HEAD "each = 1\n", "g.gate:5:1: error: \"each\" needs a name: each machine = "
                                      "virt sbsa-ref\n    each = 1\n    ^~~~");
    assert_refused(HEAD "each n = a/b\n",
                   "g.gate:5:10: error: a value of \"each\" has letters, digits, \"-\", \"_\" and "
                   "\".\", at most 64: a/b\n    each n = a/b\n             ^~~");
    assert_refused(HEAD "each n = 1\neach n = 2\n",
                   "g.gate:6:6: error: \"each n\" is already set in this section\n    each n = 2\n"
                   "         ^");
    assert_refused(
        "[gate]\nproves = x\neach n = 1\n",
        "g.gate:3:1: error: \"each\" belongs in a [case NAME]\n    each n = 1\n    ^~~~");
    assert_refused(HEAD "console = x\nkernel = k\n[case b{n}]\nlike = a\neach n = 1 1\n",
                   "g.gate:7:7: error: duplicate case \"b1\"\n    [case b1]\n          ^~");
}
END_TEST

START_TEST(makes_a_case_for_each_set) {
    GError *error = NULL;
    g_autoptr(Gate) gate = parse_gate(
        "[gate]\nproves = x\n[set arm64]\n# of arm64\nkernel = build/a\nappend = from the set\n"
        "panic = \"a\"\npanic = \"b\"\ndisk d = empty 1M\n\n[set riscv]\narch = riscv64\n"
        "kernel = build/r-{n}\n[case boot]\non = arm64 riscv\neach n = 1 2\nconsole = {on}-{n}\n"
        "append = own\npanic = \"c\"\n[case {on}]\non = riscv\neach n = 3\nconsole = x\n"
        "[case alone]\nkernel = k\nconsole = y\n",
        &error);
    ck_assert_msg(gate != NULL, "%s", error ? error->message : "");
    static const struct {
        const char *name, *kernel, *arch, *append;
        guint panics, drives;
    } expected[] = {{"boot-arm64-1", "build/a", "aarch64", "own", 1, 1},
                    {"boot-arm64-2", "build/a", "aarch64", "own", 1, 1},
                    {"boot-riscv-1", "build/r-1", "riscv64", "own", 1, 0},
                    {"boot-riscv-2", "build/r-2", "riscv64", "own", 1, 0},
                    {"riscv-3", "build/r-3", "riscv64", NULL, 0, 0},
                    {"alone", "k", "aarch64", NULL, 0, 0}};
    ck_assert_uint_eq(gate->cases->len, G_N_ELEMENTS(expected));
    for (guint i = 0; i < G_N_ELEMENTS(expected); i++) {
        const GateCase *c = gate->cases->pdata[i];
        ck_assert_str_eq(c->name, expected[i].name);
        ck_assert_str_eq(c->kernel, expected[i].kernel);
        ck_assert_str_eq(c->arch, expected[i].arch);
        ck_assert_pstr_eq(c->append, expected[i].append);
        ck_assert_uint_eq(c->panic->len, expected[i].panics);
        ck_assert_uint_eq(c->drives->len, expected[i].drives);
    }
    static const char head[] = "[gate]\nproves = x\n[set a]\nkernel = k\n[case c]\nconsole = x\n";
    g_autofree char *unknown = g_strconcat(head, "on = a b\n", NULL);
    assert_refused(unknown, "g.gate:7:6: error: there is no set \"b\"\n    on = a b\n         ^~~");
    assert_refused(head, "g.gate:3:6: error: no case is \"on\" this set\n    [set a]\n         ^");
    g_autofree char *twice = g_strconcat(head, "on = a\non = a\n", NULL);
    assert_refused(twice,
                   "g.gate:8:1: error: \"on\" is already set in this section\n    on = a\n    ^~");
    assert_refused("[gate]\nproves = x\n[set a]\n[set a]\n",
                   "g.gate:4:6: error: duplicate set \"a\"\n    [set a]\n         ^");
    assert_refused("[gate]\nproves = x\n[set]\n",
                   "g.gate:3:2: error: a set needs a name: [set NAME]\n    [set]\n     ^~~");
    assert_refused("[gate]\nproves = x\non = a\n",
                   "g.gate:3:1: error: \"on\" belongs in a [case NAME]\n    on = a\n    ^~");
    /* A mistake in a set is shown where it stands. */
    assert_refused(
        "[gate]\nproves = x\n[set a]\nkernel = k\nsmp = x\n[case c]\non = a\nconsole = x\n",
        "g.gate:5:7: error: expected a number from 0 to 2147483647\n    smp = x\n          ^");
}
END_TEST

START_TEST(includes_dialogs_by_name) {
    GError *error = NULL;
    g_autoptr(Gate) gate =
        parse_gate("[gate]\nproves = x\n[dialog login]\n# steps\n"
                   "dialog = wait \"include a\" send \"root\\n\"\n"
                   "  dialog=maybe \"x\" send \"\\\"\"  wait \"# \"\n"
                   "[case a]\nkernel = k\ndialog = include login send \"include login\"\n"
                   "dialog = wait \"b\"\n"
                   "[case b]\neach n = 1 2\nkernel = k\ndialog = wait \"{n}\" include login\n",
                   &error);
    ck_assert_msg(gate != NULL, "%s", error ? error->message : "");
    static const char *const of_a[] = {"include a", "root\\n",       "x", "\\\"",
                                       "# ",        "include login", "b"};
    const GateCase *a = gate_find_case(gate, "a"), *b = gate_find_case(gate, "b-2");
    ck_assert_uint_eq(a->dialog->len, G_N_ELEMENTS(of_a));
    for (guint i = 0; i < G_N_ELEMENTS(of_a); i++)
        ck_assert_str_eq(((const DialogStep *)a->dialog->pdata[i])->shown, of_a[i]);
    ck_assert_uint_eq(b->dialog->len, 6);
    ck_assert_str_eq(((const DialogStep *)b->dialog->pdata[0])->shown, "2");
    assert_refused("[gate]\nproves = x\n[case a]\nkernel = k\ndialog = include login\n",
                   "g.gate:5:10: error: include needs the name of a section [dialog NAME] of this "
                   "file\n    dialog = include login\n             ^~~~~~~");
    assert_refused("[gate]\nproves = x\n[dialog a]\ndialog = wait \"x\"\n[case a]\nkernel = k\n"
                   "dialog = wait \"x\"\n",
                   "g.gate:3:9: error: no dialog includes this one\n    [dialog a]\n            ^");
}
END_TEST

SUITE_MAIN("expand", makes_a_case_for_each_value, makes_a_case_for_each_set,
           includes_dialogs_by_name)
