/* What the harness knows of its host: terminals, hashes, symbols, last good outputs. */
#include "attempt/known_good.h"
#include "base/hash.h"
#include "base/term.h"
#include "guest/symbols.h"
#include "suite.h"

START_TEST(styles_need_a_terminal) {
    Term plain = {stdout, FALSE, FALSE}, colour = {stdout, TRUE, TRUE};
    ck_assert_str_eq(term_style(&plain, TERM_RED), "");
    ck_assert_str_eq(term_style(&colour, TERM_RED), "\033[31m");
    ck_assert_uint_gt(term_columns(&plain), 0);
}
END_TEST

START_TEST(hashes_as_published) {
    /* FIPS 180-4's example "abc", and the empty message. */
    g_autoptr(GBytes) abc = g_bytes_new("abc", 3), empty = g_bytes_new("", 0);
    g_autofree char *abc_hash = hash_bytes(abc), *empty_hash = hash_bytes(empty);
    ck_assert_str_eq(abc_hash, "ba7816bf8f01cfea414140de5dae2223b00361a396177a9cb410ff61f20015ad");
    ck_assert_str_eq(empty_hash,
                     "e3b0c44298fc1c149afbf4c8996fb92427ae41e4649b934ca495991b7852b855");
    struct sha256_ctx hash;
    char hex[HASH_HEX_SIZE];
    sha256_init(&hash);
    sha256_update(&hash, 2, (const guint8 *)"ab");
    sha256_update(&hash, 1, (const guint8 *)"c");
    hash_finish(&hash, hex);
    ck_assert_str_eq(hex, abc_hash);
}
END_TEST

START_TEST(names_addresses_of_a_program) {
    /* fault.c's main, wherever the linker put it. */
    g_autofree char *elf = NULL, *list = NULL;
    gsize size;
    ck_assert(g_file_get_contents("build/kernel/user/fault", &elf, &size, NULL));
    ck_assert(g_spawn_command_line_sync("aarch64-linux-gnu-nm build/kernel/user/fault", &list, NULL,
                                        NULL, NULL));
    const char *line = strstr(list, " T main\n");
    ck_assert_ptr_nonnull(line);
    guint64 addresses[] = {g_ascii_strtoull(line - 16, NULL, 16), 0x10};
    g_autoptr(GBytes) image = g_bytes_new(elf, size);
    g_auto(GStrv) names = symbols_resolve(image, addresses, 2, FALSE);
    ck_assert_ptr_nonnull(names);
    ck_assert_msg(g_str_has_prefix(names[0], "main at fault.c:"), "%s", names[0]);
    ck_assert_str_eq(names[1], "??");
    g_autoptr(GBytes) junk = g_bytes_new("junk", 4);
    ck_assert_ptr_null(symbols_resolve(junk, addresses, 2, FALSE));
}
END_TEST

START_TEST(keeps_the_last_good_output) {
    static const char text[] =
        "[gate]\nproves = x\n[case c]\nfile /init = \"i\"\nexit = 0\nexpect /d/o = golden\n";
    g_autoptr(Gate) gate = gate_parse("g", "g.gate", "/", text, sizeof text - 1, NULL);
    Attempt run = {.subject = {.gate = gate, .gate_case = gate_find_case(gate, "c")},
                   .label = (char *)"g"};
    g_autofree char *folder = g_build_filename(suite_folder(), "g/c/d", NULL);
    g_autofree char *file = g_build_filename(folder, "o", NULL);
    ck_assert_int_eq(g_mkdir_with_parents(folder, 0700), 0);
    ck_assert(g_file_set_contents(file, "abc", 3, NULL));
    known_good_keep(suite_folder(), &run);
    g_autofree char *path = known_good_path(suite_folder(), &run, "/d/o");
    g_autofree char *content = NULL;
    ck_assert(g_file_get_contents(path, &content, NULL, NULL));
    ck_assert_str_eq(content, "abc");
}
END_TEST

SUITE_MAIN("host", styles_need_a_terminal, hashes_as_published, names_addresses_of_a_program,
           keeps_the_last_good_output)
