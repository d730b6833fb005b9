/* The table of keys: what a row alone brings about. */
#include "attempt/cache_key.h"
#include "gate/gate_case.h"
#include "gate/gate_keys.h"
#include "suite.h"
#include <string.h>

#define HEAD "[gate]\nproves = x\n"

static Gate *parse(const char *text) {
    GError *error = NULL;
    Gate *gate = gate_parse("g", "g.gate", "/root", text, strlen(text), &error);
    ck_assert_msg(gate != NULL, "%s", error ? error->message : "");
    return gate;
}

/* The values of a case as lines of a gate file. */
static char *show(const Gate *gate, const char *name) {
    g_autoptr(GPtrArray) lines = gate_case_lines(gate_find_case(gate, name), KEY_OWN);
    g_ptr_array_add(lines, NULL);
    return g_strjoinv("\n", (char **)lines->pdata);
}

/* The key of the result of case "a" of that gate file. */
static char *find_cache_key(const char *text) {
    GError *error = NULL;
    g_autoptr(Gate) gate = parse(text);
    g_autoptr(GPtrArray) files = input_files(), expected = g_ptr_array_new();
    Inputs inputs = {.files = files, .initrd = expected, .drives = expected};
    Boot boot = {.driver = DRIVER_SEED,
                 .gate = gate,
                 .gate_case = gate_find_case(gate, "a"),
                 .seed_kernel = "/proc/self/exe"};
    g_autoptr(HashMemo) memo = hash_memo_open(NULL);
    const CacheSubject subject = {.boot = &boot,
                                  .qemu = "qemu-system-aarch64",
                                  .accelerator = "tcg",
                                  .inputs = &inputs,
                                  .expected = expected};
    g_autofree char *whole = cache_key_text(memo, &subject, &error);
    ck_assert_msg(whole != NULL, "%s", error ? error->message : "");
    return cache_key(whole);
}

START_TEST(a_row_is_all_that_a_key_needs) {
    const GateKey *builtin = gate_keys;
    guint count = 0;
    while (builtin[count].name)
        count++;
    g_autofree GateKey *longer = g_new0(GateKey, count + 2);
    memcpy(longer, builtin, count * sizeof *longer);
    longer[count] = (GateKey){"colour", KEY_DEFAULT, &key_text,      sizeof(GateCase),
                              "grey",   "TEXT",      "colour = red", "A colour."};
    gate_keys = longer;
    static const char *const texts[] = {
        HEAD "[case a]\nfile /init = \"x\"\nexit = 0\n",
        HEAD "[case a]\nfile /init = \"x\"\nexit = 0\ncolour = red\n",
        HEAD "colour = blue\n[case a]\nfile /init = \"x\"\nexit = 0\n"};
    static const char *const colours[] = {"colour = grey", "colour = red", "colour = blue"};
    char *keys[3];
    for (guint i = 0; i < 3; i++) {
        g_autoptr(Gate) gate = parse(texts[i]);
        g_autofree char *shown = show(gate, "a");
        ck_assert_msg(strstr(shown, colours[i]) != NULL, "%s", shown);
        keys[i] = find_cache_key(texts[i]);
    }
    gate_keys = builtin;
    ck_assert_str_ne(keys[0], keys[1]);
    ck_assert_str_ne(keys[1], keys[2]);
    ck_assert_str_ne(keys[0], keys[2]);
    for (guint i = 0; i < 3; i++)
        g_free(keys[i]);
}
END_TEST

/* Keys of another kernel, whose files would have to be there, or that need another key. */
static gboolean is_of_another_kernel(const GateKey *key) {
    static const char *const names[] = {
        "kernel", "firmware",    "dtb",         "symbols",   "initrd", "append", "arch",
        "status", "skip-status", "node",        "disk",      "flash",  "share",  "serial",
        "take",   "net",         "result-line", "partition", NULL};
    return g_strv_contains(names, key->name);
}

/* Each key with another value than its own default. */
#define ALL_KEYS                                                                            \
    "file /init = \"x\"\ntree /t = build:dir\nargv = init \"a b\" \"\"\nmemory = 2G\n"      \
    "transport = disk\ndrivers = linux\nkernel = build/k\narch = riscv64\nappend = a b\n"   \
    "machine = virt\ncpu = max\nexit = 3\nexpect /o = golden\nexpect /p = random:1:2\n"     \
    "console = \"a\\n\" b\nconsole = c\ndialog = wait \"a\\n\" send \"b\"\n"                \
    "dialog = quiet 1.5ms \"c\"\nspawns = 0\nbudget = 7\nslower = 2.5%\ntimeout = 1500ms\n" \
    "hang = off\nnonce = no\n"

START_TEST(what_is_shown_says_the_same) {
    g_autoptr(GString) all = g_string_new(HEAD "[case a]\n" ALL_KEYS);
    /* A key that is not named above is given by its example. */
    for (const GateKey *key = gate_keys; key->name; key++) {
        g_autofree char *begin = g_strconcat("\n", key->name, " ", NULL);
        if (key->flags & KEY_CASE && !(key->flags & (KEY_OWN | KEY_EXCLUSIVE)) &&
            !strstr(all->str, begin) && !is_of_another_kernel(key))
            g_string_append_printf(all, "%s\n", key->example);
    }
    g_autoptr(Gate) gate = parse(all->str);
    g_autofree char *shown = show(gate, "a");
    g_autofree char *text = g_strconcat(HEAD "[case a]\n", shown, "\n", NULL);
    g_autoptr(Gate) again = parse(text);
    g_autofree char *same = show(again, "a");
    ck_assert_str_eq(shown, same);
    for (const GateKey *key = gate_keys; key->name; key++) {
        g_autofree char *begin = g_strconcat("\n", key->name, NULL);
        gboolean is_shown = g_str_has_prefix(shown, key->name) || strstr(shown, begin) != NULL;
        ck_assert_msg(is_shown || !(key->flags & KEY_CASE) || key->flags & KEY_OWN ||
                          strcmp(key->name, "signal") == 0 || is_of_another_kernel(key),
                      "%s is not shown", key->name);
    }
}
END_TEST

START_TEST(what_is_shown_of_another_kernel_says_the_same) {
    static const char text[] =
        HEAD "[case a]\nkernel = build/k\nfirmware = build/f\nstatus = 0\n"
             "node /dev/null = c 1 3 666\nflash = \"x\"\nshare s = empty\n"
             "disk a = ext4 16M fixture:a\ndisk b = \"x\" + random:1:2\ntake = /a/x \"/s/a b\"\n"
             "disk p = on sd gpt\npartition p = fat 1M fixture:a\npartition p = empty 1M\n"
             "serial one = log\ndialog one = wait \"x\" within 1s\ndialog one = send \"y\"\n"
             "[case b]\nlike = a\ndisk a = empty 1M\n";
    g_autoptr(Gate) gate = parse(text);
    g_autofree char *a = show(gate, "a"), *b = show(gate, "b");
    static const char *const in_both[] = {"node /dev/null = c 1 3 666",
                                          "flash = \"x\"",
                                          "share s = empty",
                                          "disk b = \"x\" + random:1:2",
                                          "take = /a/x \"/s/a b\"",
                                          "disk p = on sd gpt",
                                          "partition p = fat 1M fixture:a\npartition p = empty 1M",
                                          "dialog one = wait \"x\" within 1s",
                                          "dialog one = send \"y\""};
    g_autofree char *parsed = g_strconcat(HEAD "[case a]\n", a, "\n", NULL);
    g_autoptr(Gate) again = parse(parsed);
    g_autofree char *same = show(again, "a");
    ck_assert_str_eq(a, same);
    for (guint i = 0; i < G_N_ELEMENTS(in_both); i++)
        ck_assert_msg(strstr(a, in_both[i]) && strstr(b, in_both[i]), "%s is not in:\n%s",
                      in_both[i], a);
    ck_assert(strstr(a, "disk a = ext4 16M fixture:a") && strstr(b, "disk a = empty 1M"));
    ck_assert_ptr_null(strstr(b, "ext4"));
}
END_TEST

/* The result may depend on each of these, and on none of the others. */
START_TEST(results_depend_on_values) {
    g_autofree char *plain = find_cache_key(HEAD "[case a]\nfile /init = \"x\"\nexit = 0\n");
    for (const GateKey *key = gate_keys; key->name; key++) {
        if (!(key->flags & KEY_CASE) || key->flags & (KEY_ARGUMENT | KEY_FIRST) ||
            strcmp(key->name, "exit") == 0 || is_of_another_kernel(key))
            continue;
        gboolean is_signal = strcmp(key->name, "signal") == 0;
        g_autofree char *text =
            g_strconcat(HEAD "[case a]\nfile /init = \"x\"\n", is_signal ? "" : "exit = 0\n",
                        key->example, "\n", NULL);
        g_autofree char *other = find_cache_key(text);
        gboolean differs = strcmp(plain, other) != 0;
        ck_assert_msg(differs == !(key->flags & KEY_NO_RESULT), "%s", key->name);
    }
}
END_TEST

START_TEST(a_case_is_like_another) {
    g_autoptr(Gate) gate = parse(HEAD "timeout = 3s\n[case a]\nabout = first\n"
                                      "file /init = \"x\"\nfile /a = \"1\"\nexit = 0\n"
                                      "console = one\ndialog = wait \"a\"\nexpect /o = golden\n"
                                      "[case b]\nlike = a\n"
                                      "[case c]\nlike = a\nfile /a = \"2\"\nfile /b = \"3\"\n"
                                      "signal = SIGILL\nconsole = two\nconsole = three\n"
                                      "dialog = send \"x\"\nexpect /o = \"y\"\n"
                                      "[case d]\nlike = c\nexit = 1\n");
    g_autofree char *a = show(gate, "a"), *b = show(gate, "b");
    g_autofree char *c = show(gate, "c"), *d = show(gate, "d");
    ck_assert_str_eq(a, b);
    ck_assert_ptr_null(gate_find_case(gate, "b")->about);
    static const char *const in_c[] = {
        "file /a = \"2\"",     "file /b = \"3\"",     "signal = SIGILL",   "console = \"two\"",
        "console = \"three\"", "dialog = send \"x\"", "expect /o = \"y\"", "timeout = 3s"};
    for (guint i = 0; i < G_N_ELEMENTS(in_c); i++)
        ck_assert_msg(strstr(c, in_c[i]) != NULL, "%s is not in:\n%s", in_c[i], c);
    static const char *const not_in_c[] = {"\"1\"", "exit", "\"one\"", "wait", "golden"};
    for (guint i = 0; i < G_N_ELEMENTS(not_in_c); i++)
        ck_assert_msg(strstr(c, not_in_c[i]) == NULL, "%s is in:\n%s", not_in_c[i], c);
    ck_assert(strstr(d, "exit = 1") && !strstr(d, "signal") && strstr(d, "\"three\""));
}
END_TEST

static void assert_refused(const char *text, const char *message) {
    GError *error = NULL;
    ck_assert_ptr_null(gate_parse("g", "g.gate", "/root", text, strlen(text), &error));
    ck_assert_msg(error && g_str_has_prefix(error->message, message), "%s",
                  error ? error->message : "");
    g_clear_error(&error);
}

START_TEST(refuses_a_case_like_none) {
    assert_refused(HEAD "[case a]\nlike = b\n[case b]\nfile /init = \"x\"\nexit = 0\n",
                   "g.gate:4:8: error: there is no earlier case \"b\"");
    assert_refused(HEAD "[case a]\nlike = a\n",
                   "g.gate:4:8: error: there is no earlier case \"a\"");
    assert_refused(HEAD "[case a]\nfile /init = \"x\"\nexit = 0\n[case b]\nexit = 1\nlike = a\n",
                   "g.gate:8:1: error: \"like\" must be on the first line of a case");
    assert_refused(HEAD "[case a]\nfile /init = \"x\"\nexit = 0\nfile /a = \"1\"\n[case b]\n"
                        "like = a\nfile /a/b = \"2\"\n",
                   "g.gate:9:13: error: the guest path");
}
END_TEST

SUITE_MAIN("keys", a_row_is_all_that_a_key_needs, what_is_shown_says_the_same,
           what_is_shown_of_another_kernel_says_the_same, results_depend_on_values,
           a_case_is_like_another, refuses_a_case_like_none)
