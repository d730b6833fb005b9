/* Bytes to and from the host: cpio, golden files, sources, outputs, paths. */
#include "attempt/outputs.h"
#include "base/cpio.h"
#include "base/error.h"
#include "base/fdio.h"
#include "base/paths.h"
#include "gate/golden.h"
#include "gate/source.h"
#include "suite.h"
#include <glib/gstdio.h>
#include <sys/stat.h>
#include <unistd.h>

static gboolean write_file(CpioWriter *writer, const char *name, GBytes *content) {
    gsize size;
    const guint8 *data = g_bytes_get_data(content, &size);
    return cpio_write(writer, &(CpioEntry){name, S_IFREG | 0755, data, size}, NULL);
}

static GBytes *make_archive(void) {
    int fd = fdio_memfd("test", NULL);
    CpioWriter writer = {fd, 0};
    g_autoptr(GBytes) a = g_bytes_new("hello", 5), b = g_bytes_new("", 0);
    ck_assert(write_file(&writer, "a", a));
    ck_assert(write_file(&writer, "dir/b", b));
    ck_assert(cpio_write_trailer(&writer, NULL));
    gsize size = (gsize)lseek(fd, 0, SEEK_CUR);
    guint8 *data = g_malloc(size);
    ck_assert_int_eq(pread(fd, data, size, 0), (gssize)size);
    close(fd);
    return g_bytes_new_take(data, size);
}

START_TEST(cpio_reads_what_it_writes) {
    g_autoptr(GBytes) archive = make_archive();
    gsize size;
    const guint8 *data = g_bytes_get_data(archive, &size);
    CpioReader reader = {data, size, 0};
    CpioEntry entry;
    GError *error = NULL;
    ck_assert(cpio_read(&reader, &entry, &error));
    ck_assert_str_eq(entry.name, "a");
    ck_assert_uint_eq(entry.size, 5);
    ck_assert_mem_eq(entry.data, "hello", 5);
    ck_assert(cpio_read(&reader, &entry, &error));
    ck_assert_str_eq(entry.name, "dir/b");
    ck_assert_uint_eq(entry.size, 0);
    ck_assert(!cpio_read(&reader, &entry, &error));
    ck_assert_ptr_null(error);
}
END_TEST

START_TEST(gnu_cpio_reads_what_we_write) {
    g_autoptr(GBytes) archive = make_archive();
    g_autofree char *path = g_build_filename(suite_folder(), "x.cpio", NULL);
    ck_assert(g_file_set_contents(path, g_bytes_get_data(archive, NULL),
                                  (gssize)g_bytes_get_size(archive), NULL));
    g_autofree char *command = g_strdup_printf(
        "sh -c 'cpio -i --to-stdout <%s 2>/dev/null; cpio -t --quiet <%s'", path, path);
    g_autofree char *out = NULL;
    int status;
    ck_assert(g_spawn_command_line_sync(command, &out, NULL, &status, NULL));
    ck_assert_int_eq(status, 0);
    ck_assert_str_eq(out, "helloa\ndir/b\n");
}
END_TEST

START_TEST(cpio_refuses_every_cut) {
    g_autoptr(GBytes) archive = make_archive();
    gsize size;
    const guint8 *data = g_bytes_get_data(archive, &size);
    /* The padding behind the trailer's name may be missing; nothing else may. */
    for (gsize cut = 0; cut < size - 1; cut++) {
        g_autofree guint8 *copy = g_memdup2(data, cut);
        CpioReader reader = {copy, cut, 0};
        CpioEntry entry;
        GError *error = NULL;
        while (cpio_read(&reader, &entry, &error))
            ;
        ck_assert_msg(error != NULL, "cut at %zu", cut);
        g_clear_error(&error);
    }
}
END_TEST

START_TEST(golden_files_are_strict) {
    static const struct {
        const char *text, *message;
    } cases[] = {
        {"abc  a/b\n", "expected 64 lower-case hex digits, two blanks and CASE/PATH"},
        {"0123456789abcdef0123456789abcdef0123456789abcdef0123456789abcdef  ab\n",
         "the name is not CASE/PATH"},
        {"0123456789abcdef0123456789abcdef0123456789abcdef0123456789abcdef a/b\n",
         "expected 64 lower-case hex digits, two blanks and CASE/PATH"},
        {"0123456789abcdef0123456789abcdef0123456789abcdef0123456789abcdef  a/../b\n",
         "the name has a component \"..\""},
        {"0123456789abcdef0123456789abcdef0123456789abcdef0123456789abcdef  a/b\n"
         "0123456789abcdef0123456789abcdef0123456789abcdef0123456789abcdef  a/b\n",
         "duplicate name"},
    };
    for (guint i = 0; i < G_N_ELEMENTS(cases); i++) {
        GError *error = NULL;
        ck_assert_ptr_null(
            golden_parse(&(DiagFile){"g", cases[i].text, strlen(cases[i].text)}, &error));
        ck_assert_msg(strstr(error->message, cases[i].message), "%s", error->message);
        g_clear_error(&error);
    }
}
END_TEST

START_TEST(sha256sum_reads_golden_files) {
    g_autofree char *golden_path = g_build_filename(suite_folder(), "g/x.sha256", NULL);
    g_autofree char *folder = g_build_filename(suite_folder(), "out/case", NULL);
    g_autofree char *file = g_build_filename(folder, "a", NULL);
    ck_assert_int_eq(g_mkdir_with_parents(folder, 0700), 0);
    ck_assert(g_file_set_contents(file, "hello", 5, NULL));
    g_autoptr(Golden) golden = golden_new();
    g_hash_table_insert(golden->hashes, g_strdup("case/a"),
                        g_compute_checksum_for_string(G_CHECKSUM_SHA256, "hello", 5));
    ck_assert(golden_save(golden, golden_path, NULL));
    g_autofree char *command = g_strdup_printf("sh -c 'cd %s/out && sha256sum -c --quiet %s'",
                                               suite_folder(), golden_path);
    int status;
    ck_assert(g_spawn_command_line_sync(command, NULL, NULL, &status, NULL));
    ck_assert_int_eq(status, 0);
    g_autoptr(Golden) again = golden_load(golden_path, NULL);
    ck_assert_str_eq(golden_get(again, "case", "/a"),
                     g_hash_table_lookup(golden->hashes, "case/a"));
}
END_TEST

START_TEST(random_sources_are_splitmix64) {
    /* The first outputs for seed 1234567, as published with Java's SplittableRandom and in
     * Vigna's splitmix64.c tests. */
    g_autoptr(GBytes) bytes = source_random(1234567, 20);
    guint64 first, second;
    const guint8 *data = g_bytes_get_data(bytes, NULL);
    memcpy(&first, data, 8);
    memcpy(&second, data + 8, 8);
    ck_assert_uint_eq(GUINT64_FROM_LE(first), G_GUINT64_CONSTANT(6457827717110365317));
    ck_assert_uint_eq(GUINT64_FROM_LE(second), G_GUINT64_CONSTANT(3203168211198807973));
    ck_assert_uint_eq(g_bytes_get_size(bytes), 20);
}
END_TEST

START_TEST(outputs_stay_in_their_folder) {
    g_autofree char *folder = g_build_filename(suite_folder(), "o", NULL);
    g_autofree char *outside = g_build_filename(suite_folder(), "outside", NULL);
    GError *error = NULL;
    g_autoptr(Outputs) outputs = outputs_new(folder, &error);
    ck_assert_ptr_nonnull(outputs);
    static const char *const bad[] = {"a", "/", "/../x", "/a/../../x", "//x", "/a/", "/./a", ""};
    for (guint i = 0; i < G_N_ELEMENTS(bad); i++) {
        ck_assert_msg(!outputs_begin(outputs, bad[i], &error), "%s", bad[i]);
        ck_assert(g_error_matches(error, HARNESS_ERROR, HARNESS_ERROR_PROTOCOL));
        g_clear_error(&error);
    }
    g_autofree char *huge = g_strnfill(4096, 'x');
    huge[0] = '/';
    ck_assert(!outputs_begin(outputs, huge, &error));
    g_clear_error(&error);
    /* A link that stands in the way is not followed. */
    g_autofree char *link = g_build_filename(folder, "d", NULL);
    ck_assert_int_eq(g_mkdir_with_parents(outside, 0700), 0);
    ck_assert_int_eq(symlink(outside, link), 0);
    ck_assert(outputs_begin(outputs, "/d/x", &error));
    ck_assert(!outputs_publish(outputs, &error));
    g_clear_error(&error);
    g_autofree char *escaped = g_build_filename(outside, "x", NULL);
    ck_assert(!g_file_test(escaped, G_FILE_TEST_EXISTS));
}
END_TEST

START_TEST(outputs_appear_whole_or_not_at_all) {
    g_autofree char *folder = g_build_filename(suite_folder(), "w", NULL);
    g_autofree char *file = g_build_filename(folder, "a/b", NULL);
    GError *error = NULL;
    Outputs *outputs = outputs_new(folder, &error);
    ck_assert(outputs_begin(outputs, "/a/b", &error));
    ck_assert(outputs_data(outputs, (const guint8 *)"hel", 3, &error));
    ck_assert(!g_file_test(file, G_FILE_TEST_EXISTS));
    ck_assert(outputs_data(outputs, (const guint8 *)"lo", 2, &error));
    ck_assert_str_eq(outputs_sha256(outputs),
                     "2cf24dba5fb0a30e26e83b2ac5b9e29e1b161e5c1fa7425e73043362938b9824");
    ck_assert(outputs_publish(outputs, &error));
    g_autofree char *content = NULL;
    ck_assert(g_file_get_contents(file, &content, NULL, NULL));
    ck_assert_str_eq(content, "hello");
    ck_assert(outputs_begin(outputs, "/a/b", &error));
    ck_assert(!outputs_publish(outputs, &error));
    suite_assert_error(&error, "the guest sent the file /a/b twice");
    ck_assert(outputs_begin(outputs, "/a/b/c", &error));
    ck_assert(!outputs_publish(outputs, &error));
    g_clear_error(&error);
    outputs_free(outputs);
    /* A new run begins with an empty folder. */
    outputs = outputs_new(folder, &error);
    ck_assert(!g_file_test(file, G_FILE_TEST_EXISTS));
    outputs_free(outputs);
}
END_TEST

START_TEST(names_are_checked) {
    ck_assert(path_is_name("hex0-again"));
    ck_assert(path_is_name("M0"));
    static const char *const bad[] = {"", ".x", "-x", "a/b", "a b", "\xc3\xa4"};
    for (guint i = 0; i < G_N_ELEMENTS(bad); i++)
        ck_assert_msg(!path_is_name(bad[i]), "%s", bad[i]);
}
END_TEST

SUITE_MAIN("files", cpio_reads_what_it_writes, gnu_cpio_reads_what_we_write, cpio_refuses_every_cut,
           golden_files_are_strict, sha256sum_reads_golden_files, random_sources_are_splitmix64,
           outputs_stay_in_their_folder, outputs_appear_whole_or_not_at_all, names_are_checked)
