#include "report/html_parts.h"
#include "base/markup.h"

void html_append(GString *out, const char *before, const char *text, const char *after) {
    g_string_append(out, before);
    markup_text(out, text);
    g_string_append(out, after);
}

void html_append_lines(GString *out, const char *text, const char *const (*classes)[2]) {
    g_auto(GStrv) lines = g_strsplit(text, "\n", -1);
    for (char **line = lines; *line; line++) {
        const char *class = NULL;
        for (guint i = 0; classes[i][0]; i++)
            if (g_str_has_prefix(*line, classes[i][0])) class = classes[i][1];
        if (class) g_string_append_printf(out, "<span class=\"%s\">", class);
        markup_text(out, *line);
        g_string_append(out, class ? "</span>" : "");
        g_string_append(out, line[1] ? "\n" : "");
    }
}
