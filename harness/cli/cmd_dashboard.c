#include "base/error.h"
#include "cli/command.h"
#include "history/history.h"
#include "report/dashboard.h"
#include <stdio.h>
#include <string.h>

static char *history_name;

static int save(const GString *page, const char *path, GError **error) {
    g_autoptr(GError) failed = NULL;
    if (strcmp(path, "-") == 0) {
        /* main checks at the end whether it was written. */
        fwrite(page->str, 1, page->len, stdout);
        return EXIT_PASSED;
    }
    if (g_file_set_contents(path, page->str, (gssize)page->len, &failed)) return EXIT_PASSED;
    g_set_error(error, HARNESS_ERROR, HARNESS_ERROR_IO, "cannot write the dashboard to %s: %s",
                path, failed->message);
    return -1;
}

static int run(const Command *const *commands, const char *const *arguments, GError **error) {
    (void)commands;
    if (!arguments[0] || arguments[1])
        return command_usage(error, "dashboard needs one FILE: harness dashboard perf.html");
    g_autofree char *path = history_path(NULL, history_name);
    if (!path)
        return command_usage(error, "HARNESS_HISTORY is empty; name a history with --history");
    g_autoptr(History) history = history_open(path, FALSE, error);
    if (!history) return -1;
    /* A history that cannot be written keeps its machine without a name. */
    history_name_machine(history, NULL);
    g_autoptr(GString) page = g_string_new(NULL);
    return dashboard_write(history, page, error) ? save(page, arguments[0], error) : -1;
}

static const GOptionEntry options[] = {{"history", 0, 0, G_OPTION_ARG_FILENAME, &history_name,
                                        "The history (" HISTORY_FILE ")", "FILE"},
                                       {NULL}};

const Command command_dashboard = {
    .name = "dashboard",
    .arguments = "FILE",
    .summary = "Make a page of what programs cost over all runs",
    .description =
        "FILE is one HTML page that needs no other file and no network: since when programs are\n"
        "slower or faster, flaky cases, the slowest programs, and each case over time, for each\n"
        "machine whose runs the history has. - is standard output.\n\n"
        "A case is flaky if it did not pass though it passed in the same run, or with the same\n"
        "inputs, kernel, QEMU and options.\n\n"
        "Exit status: 0; 2 usage; 3 no history, or the page could not be written.",
    .options = options,
    .run = run,
};
