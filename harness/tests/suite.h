/* What every test file has in common: libcheck, TAP on standard output, one main. */
#pragma once
#include <check.h>
#include <glib.h>
#include <stdlib.h>
#include <string.h>

/* Defines main for a file whose tests are listed: SUITE_MAIN("name", test_a, test_b). */
#define SUITE_MAIN(suite_name, ...)                                \
    int main(void) {                                               \
        const TTest *const tests[] = {__VA_ARGS__};                \
        return suite_main(suite_name, tests, G_N_ELEMENTS(tests)); \
    }

int suite_main(const char *name, const TTest *const *tests, guint count);

/* Fails unless *error is set and its message is `text`; frees it. */
void suite_assert_error(GError **error, const char *text);

/* A folder below the system's for temporary files, removed when the program ends. */
const char *suite_folder(void);
