#include "suite.h"
#include "base/fdio.h"
#include <signal.h>
#include <unistd.h>

int suite_main(const char *name, const TTest *const *tests, guint count) {
    signal(SIGPIPE, SIG_IGN); /* as main does */
    Suite *suite = suite_create(name);
    TCase *tcase = tcase_create(name);
    tcase_set_timeout(tcase, 60);
    for (guint i = 0; i < count; i++)
        tcase_add_test(tcase, tests[i]);
    suite_add_tcase(suite, tcase);
    SRunner *runner = srunner_create(suite);
    srunner_set_tap(runner, "-");
    srunner_run_all(runner, CK_SILENT);
    int failed = srunner_ntests_failed(runner);
    srunner_free(runner);
    return failed != 0;
}

void suite_assert_error(GError **error, const char *text) {
    ck_assert_msg(*error != NULL, "no error was set");
    ck_assert_str_eq((*error)->message, text);
    g_clear_error(error);
}

static char *folder;

static void remove_folder(void) {
    fdio_remove_tree(folder, NULL);
    g_free(folder);
}

const char *suite_folder(void) {
    if (!folder) {
        folder = g_dir_make_tmp("harness-test-XXXXXX", NULL);
        atexit(remove_folder);
    }
    return folder;
}
