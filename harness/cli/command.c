#include "cli/command.h"
#include "base/usage.h"

const Command *const commands[] = {&command_run,   &command_list,   &command_check,
                                   &command_new,   &command_bless,  &command_extract,
                                   &command_exec,  &command_report, &command_perf,
                                   &command_debug, &command_docs,   NULL};

int command_usage(GError **error, const char *format, ...) {
    va_list args;
    va_start(args, format);
    g_autofree char *message = g_strdup_vprintf(format, args);
    va_end(args);
    usage_error(error, "%s", message);
    return -1;
}
