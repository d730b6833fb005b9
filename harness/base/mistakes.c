#include "base/mistakes.h"
#include "base/error.h"

/* Mistakes shown: enough to start with, and a file that is not a gate has one on every line. */
#define SHOWN_MAX 50

GPtrArray *mistakes_new(void) { return g_ptr_array_new_with_free_func(g_free); }

void mistakes_take(GPtrArray *mistakes, GError *error) {
    g_ptr_array_add(mistakes, g_strdup(error->message));
    g_error_free(error);
}

gboolean mistakes_none(const GPtrArray *mistakes, GError **error) {
    if (mistakes->len == 0) return TRUE;
    g_autoptr(GString) text = g_string_new(NULL);
    for (guint i = 0; i < MIN(mistakes->len, SHOWN_MAX); i++)
        g_string_append_printf(text, "%s%s", i ? "\n" : "", (char *)mistakes->pdata[i]);
    if (mistakes->len > SHOWN_MAX)
        g_string_append_printf(text, "\n%u more mistakes not shown", mistakes->len - SHOWN_MAX);
    g_set_error_literal(error, HARNESS_ERROR, HARNESS_ERROR_GATE, text->str);
    return FALSE;
}
