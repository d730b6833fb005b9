#include "command.h"
#include "confinement.h"
#include "diag.h"
#include "error.h"
#include <stdio.h>

const Command *const commands[] = {&command_run,   &command_list,   &command_check,
                                   &command_new,   &command_bless,  &command_extract,
                                   &command_exec,  &command_report, &command_perf,
                                   &command_debug, &command_docs,   NULL};

const char *const *command_line;

int command_usage(GError **error, const char *format, ...) {
    va_list args;
    va_start(args, format);
    g_autofree char *message = g_strdup_vprintf(format, args);
    va_end(args);
    g_set_error_literal(error, HARNESS_ERROR, HARNESS_ERROR_USAGE, message);
    return -1;
}

int command_unknown(GError **error, const char *what, const char *word, const char *const *known) {
    const char *near = diag_nearest(word, known);
    return command_usage(error, "%s, not \"%s\"%s%s%s", what, word, near ? "; did you mean \"" : "",
                         near ? near : "", near ? "\"?" : "");
}

void command_tell_confinement(void) {
    if (!confinement_exists())
        fprintf(stderr, "harness: confinement of QEMU: %s\n", confinement_describe());
}

gboolean command_check_color(const char *when, GError **error) {
    static const char *const known[] = {"always", "never", "auto", NULL};
    if (!when || g_strv_contains(known, when)) return TRUE;
    command_unknown(error, "--color takes always, never or auto", when, known);
    return FALSE;
}
