#include "gate/key_type.h"
#include "base/quantity.h"

void key_show(GPtrArray *lines, const char *key, const char *format, ...) {
    va_list args;
    va_start(args, format);
    g_autofree char *value = g_strdup_vprintf(format, args);
    va_end(args);
    g_ptr_array_add(lines, g_strdup_printf("%s = %s", key, value));
}

gboolean key_refuse(const KeyContext *context, GError **error, const char *format, ...) {
    va_list args;
    va_start(args, format);
    g_autofree char *message = g_strdup_vprintf(format, args);
    va_end(args);
    return diag_error(error, context->file, context->line->value, "%s", message);
}

gboolean key_parse_words(const KeyContext *context, GPtrArray *words, GError **error) {
    GError *failed = NULL;
    DiagSpan rest = context->line->value, word;
    gboolean quoted;
    while (lex_word(context->file, &rest, &word, &quoted, &failed)) {
        GBytes *bytes = quoted
                            ? lex_unquote(context->file, word, &failed)
                            : g_bytes_new(context->file->text + word.begin, word.end - word.begin);
        if (!bytes) break;
        g_ptr_array_add(words, bytes);
    }
    if (failed) {
        g_propagate_error(error, failed);
        return FALSE;
    }
    if (words->len == 0) return key_refuse(context, error, "missing word");
    return TRUE;
}

gboolean key_parse_duration(const DiagFile *file, DiagSpan span, gint64 *ret_ns, GError **error) {
    g_autofree char *text = lex_dup(file, span);
    return quantity_duration(text, ret_ns) ||
           diag_error(error, file, span, "expected " QUANTITY_DURATION_SYNTAX);
}

char *key_duration(gint64 ns) {
    char text[G_ASCII_DTOSTR_BUF_SIZE];
    gboolean whole = ns % G_GINT64_CONSTANT(1000000000) == 0;
    g_ascii_dtostr(text, sizeof text, (double)ns / (whole ? 1e9 : 1e6));
    return g_strconcat(text, whole ? "s" : "ms", NULL);
}
