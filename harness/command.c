#include "command.h"
#include "error.h"

const Command *const commands[] = {
    &command_run,  &command_list,   &command_check, &command_bless, &command_extract,
    &command_exec, &command_report, &command_perf,  &command_debug, &command_docs,
    NULL};

const char *const *command_line;

int command_usage(GError **error, const char *format, ...) {
    va_list args;
    va_start(args, format);
    g_autofree char *message = g_strdup_vprintf(format, args);
    va_end(args);
    g_set_error_literal(error, HARNESS_ERROR, HARNESS_ERROR_USAGE, message);
    return -1;
}
