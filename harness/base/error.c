#include "base/error.h"

G_DEFINE_QUARK(harness - error - quark, harness_error)

gboolean error_set_errno(GError **error, int errno_value, const char *what, ...) {
    va_list args;
    va_start(args, what);
    g_autofree char *text = g_strdup_vprintf(what, args);
    va_end(args);
    g_set_error(error, HARNESS_ERROR, HARNESS_ERROR_IO, "%s: %s", text, g_strerror(errno_value));
    return FALSE;
}
