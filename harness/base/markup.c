#include "base/markup.h"
#include "base/text.h"
#include <string.h>

/* g_markup_escape_text writes control characters as references, which XML 1.0 does not allow. */
static void append_escaped(GString *out, const char *text) {
    for (;;) {
        gsize plain = strcspn(text, "&<>\"'");
        g_string_append_len(out, text, (gssize)plain);
        text += plain;
        if (!*text) return;
        g_string_append(out, *text == '&'   ? "&amp;"
                             : *text == '<' ? "&lt;"
                             : *text == '>' ? "&gt;"
                             : *text == '"' ? "&quot;"
                                            : "&#39;");
        text++;
    }
}

void markup_text(GString *out, const char *text) {
    g_autofree char *visible = text_visible(text, strlen(text));
    append_escaped(out, visible);
}

void markup_line(GString *out, const char *text) {
    g_autofree char *line = text_line(text);
    append_escaped(out, line);
}
