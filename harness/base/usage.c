#include "base/usage.h"
#include "base/diag.h"
#include "base/error.h"

gboolean usage_error(GError **error, const char *format, ...) {
    va_list args;
    va_start(args, format);
    g_autofree char *message = g_strdup_vprintf(format, args);
    va_end(args);
    g_set_error_literal(error, HARNESS_ERROR, HARNESS_ERROR_USAGE, message);
    return FALSE;
}

gboolean usage_unknown(GError **error, const char *what, const char *word,
                       const char *const *known) {
    const char *near = diag_nearest(word, known);
    return usage_error(error, "%s, not \"%s\"%s%s%s", what, word, near ? "; did you mean \"" : "",
                       near ? near : "", near ? "\"?" : "");
}
