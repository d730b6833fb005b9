#include "cli/command.h"
#include "base/usage.h"

int command_usage(GError **error, const char *format, ...) {
    va_list args;
    va_start(args, format);
    g_autofree char *message = g_strdup_vprintf(format, args);
    va_end(args);
    usage_error(error, "%s", message);
    return -1;
}
