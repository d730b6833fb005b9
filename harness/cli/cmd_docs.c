#include "cli/manual.h"
#include <stdio.h>
#include <string.h>

static int run(const Command *const *commands, const char *const *arguments, GError **error) {
    const char *what = arguments[0] && !arguments[1] ? arguments[0] : "";
    g_autoptr(GString) out = g_string_new(NULL);
    if (strcmp(what, "man") == 0)
        manual_page(commands, out);
    else if (strcmp(what, "bash") == 0)
        manual_bash(commands, out);
    else if (strcmp(what, "gates") == 0)
        manual_gates(out);
    else
        return command_usage(error, "expected docs man, docs bash or docs gates");
    fputs(out->str, stdout);
    return EXIT_PASSED;
}

static const GOptionEntry options[] = {{NULL}};

const Command command_docs = {
    .name = "docs",
    .arguments = "man|bash|gates",
    .summary = "Print the manual page, the bash completion or the reference of gate files",
    .description =
        "To read the manual page: harness docs man | man -l -\n"
        "To complete in this shell: source <(harness docs bash). make install installs both.",
    .options = options,
    .run = run,
};
