#include "gate/golden.h"
#include "base/error.h"
#include "base/fdio.h"
#include "base/lex.h"
#include "base/mistakes.h"
#include "base/paths.h"
#include <errno.h>
#include <string.h>
#include <unistd.h>

#define HASH_DIGITS 64

Golden *golden_new(void) {
    Golden *golden = g_new0(Golden, 1);
    golden->hashes = g_hash_table_new_full(g_str_hash, g_str_equal, g_free, g_free);
    return golden;
}

void golden_free(Golden *golden) {
    g_hash_table_unref(golden->hashes);
    g_free(golden);
}

static gboolean parse_line(Golden *golden, const DiagFile *file, DiagSpan line, GError **error) {
    gsize digits = 0, length = line.end - line.begin;
    const char *text = file->text + line.begin;
    while (digits < length && g_ascii_isxdigit(text[digits]) && !g_ascii_isupper(text[digits]))
        digits++;
    if (digits != HASH_DIGITS || length < HASH_DIGITS + 2 || text[digits] != ' ' ||
        text[digits + 1] != ' ')
        return diag_error(error, file, line,
                          "expected 64 lower-case hex digits, two blanks and CASE/PATH");
    DiagSpan span = {line.begin + HASH_DIGITS + 2, line.end};
    g_autofree char *name = lex_dup(file, span);
    const char *why = path_check_relative(name);
    if (why || !strchr(name, '/'))
        return diag_error(error, file, span, "the name %s", why ? why : "is not CASE/PATH");
    if (g_hash_table_contains(golden->hashes, name))
        return diag_error(error, file, span, "duplicate name");
    g_hash_table_insert(golden->hashes, g_steal_pointer(&name), g_strndup(text, HASH_DIGITS));
    return TRUE;
}

Golden *golden_parse(const DiagFile *file, GError **error) {
    g_autoptr(Golden) golden = golden_new();
    g_autoptr(GPtrArray) mistakes = mistakes_new();
    if (!lex_check_text(file, error)) return NULL;
    for (gsize at = 0; at < file->length;) {
        const char *newline = memchr(file->text + at, '\n', file->length - at);
        gsize end = newline ? (gsize)(newline - file->text) : file->length;
        GError *failed = NULL;
        if (!parse_line(golden, file, (DiagSpan){at, end}, &failed))
            mistakes_take(mistakes, failed);
        at = end + 1;
    }
    return mistakes_none(mistakes, error) ? g_steal_pointer(&golden) : NULL;
}

Golden *golden_load(const char *path, GError **error) {
    gsize length;
    if (access(path, F_OK) != 0 && errno == ENOENT) return golden_new();
    g_autoptr(GBytes) text = fdio_load(path, error);
    if (!text) return NULL;
    const char *data = g_bytes_get_data(text, &length);
    return golden_parse(&(DiagFile){path, data ? data : "", length}, error);
}

const char *golden_get(const Golden *golden, const char *case_name, const char *guest_path) {
    g_autofree char *name = g_strconcat(case_name, guest_path, NULL);
    return g_hash_table_lookup(golden->hashes, name);
}

gboolean golden_save(const Golden *golden, const char *path, GError **error) {
    g_autoptr(GString) text = g_string_new(NULL);
    GList *names = g_list_sort(g_hash_table_get_keys(golden->hashes), (GCompareFunc)strcmp);
    for (GList *name = names; name; name = name->next)
        g_string_append_printf(text, "%s  %s\n",
                               (char *)g_hash_table_lookup(golden->hashes, name->data),
                               (char *)name->data);
    g_list_free(names);
    g_autofree char *folder = g_path_get_dirname(path);
    GError *failed = NULL;
    if (g_mkdir_with_parents(folder, 0777) == 0 &&
        g_file_set_contents(path, text->str, (gssize)text->len, &failed))
        return TRUE;
    g_set_error(error, HARNESS_ERROR, HARNESS_ERROR_IO, "%s", failed ? failed->message : folder);
    g_clear_error(&failed);
    return FALSE;
}
