#include "attempt/result.h"

static const char *const names[] = {"pass", "fail", "skip", "todo", "missing"};
G_STATIC_ASSERT(G_N_ELEMENTS(names) == RESULT_KINDS);

const char *result_name(ResultKind kind) { return names[kind]; }

gboolean result_find(const char *name, ResultKind *ret_kind) {
    for (guint kind = 0; kind < RESULT_KINDS; kind++)
        if (g_strcmp0(name, names[kind]) == 0) {
            *ret_kind = kind;
            return TRUE;
        }
    return FALSE;
}

Result *result_new(ResultKind kind, char *name, char *detail, gint64 host_ns) {
    Result *result = g_new0(Result, 1);
    *result = (Result){kind, name, detail, host_ns};
    return result;
}

void result_free(gpointer data) {
    Result *result = data;
    g_free(result->name);
    g_free(result->detail);
    g_free(result);
}
