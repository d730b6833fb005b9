#include "gate/include.h"
#include <string.h>

#define BLANKS " \t"
#define KEY    "dialog"

/* What follows "dialog =", or with `may_name` "dialog NAME =". */
static gboolean find_value(const char *line, gboolean may_name, const char **ret_value) {
    line += strspn(line, BLANKS);
    if (!g_str_has_prefix(line, KEY)) return FALSE;
    line += strlen(KEY);
    gsize blanks = strspn(line, BLANKS);
    line += blanks;
    if (may_name && blanks > 0 && *line != '=') {
        line += strcspn(line, BLANKS "=");
        line += strspn(line, BLANKS);
    }
    *ret_value = line + 1;
    return *line == '=';
}

gboolean include_is_dialog(const char *line, const char **ret_value) {
    return find_value(line, FALSE, ret_value);
}

/* The end of the word or of the text in quotes at `at`. */
static const char *word_end(const char *at) {
    if (*at != '"') return at + strcspn(at, BLANKS "\"");
    for (at++; *at && *at != '"'; at++)
        if (*at == '\\' && at[1]) at++;
    return at + (*at == '"');
}

char *include_steps(const char *line, IncludeFind find, gpointer data) {
    const char *at;
    if (!find_value(line, TRUE, &at)) return NULL;
    g_autoptr(GString) all = g_string_new_len(line, at - line);
    gboolean has_any = FALSE;
    while (*at) {
        gsize blanks = strspn(at, BLANKS);
        const char *word = at + blanks, *end = word_end(word);
        g_string_append_len(all, at, (gssize)blanks);
        at = end;
        if ((gsize)(end - word) != strlen(INCLUDE_WORD) ||
            strncmp(word, INCLUDE_WORD, strlen(INCLUDE_WORD)) != 0) {
            g_string_append_len(all, word, end - word);
            continue;
        }
        const char *name = at + strspn(at, BLANKS);
        at = word_end(name);
        g_autofree char *wanted = g_strndup(name, (gsize)(at - name));
        g_autofree char *steps = find(data, wanted);
        if (!steps) return NULL;
        g_string_append(all, steps);
        has_any = TRUE;
    }
    return has_any ? g_string_free(g_steal_pointer(&all), FALSE) : NULL;
}
