/* The folder that keeps journals. */
#include "base/error.h"
#include "record/journal_store.h"
#include "suite.h"

START_TEST(the_store_keeps_the_newest) {
    g_autofree char *folder = g_build_filename(suite_folder(), "store", NULL);
    g_autofree char *other = g_build_filename(folder, "notes.jsonl", NULL);
    GError *error = NULL;
    ck_assert_ptr_null(journal_store_newest(folder, &error));
    ck_assert(g_error_matches(error, HARNESS_ERROR, HARNESS_ERROR_USAGE));
    g_clear_error(&error);
    g_autofree char *first = journal_store_new(folder, &error);
    ck_assert(g_file_set_contents(other, "", 0, NULL));
    g_autofree char *last = NULL;
    for (guint i = 0; i < JOURNAL_STORE_KEPT; i++) {
        ck_assert(g_file_test(first, G_FILE_TEST_EXISTS));
        g_free(last);
        last = journal_store_new(folder, &error);
        ck_assert_ptr_nonnull(last);
    }
    ck_assert(!g_file_test(first, G_FILE_TEST_EXISTS));
    ck_assert(g_file_test(other, G_FILE_TEST_EXISTS));
    g_autofree char *newest = journal_store_newest(folder, &error);
    ck_assert_str_eq(newest, last);
    g_autoptr(GDir) dir = g_dir_open(folder, 0, NULL);
    guint count = 0;
    while (g_dir_read_name(dir))
        count++;
    ck_assert_uint_eq(count, JOURNAL_STORE_KEPT + 1);
}
END_TEST

SUITE_MAIN("journal_store", the_store_keeps_the_newest)
