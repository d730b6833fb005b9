#include "base/lex.h"
#include <string.h>

gboolean lex_check_text(const DiagFile *file, GError **error) {
    if (file->length > LEX_FILE_MAX)
        return diag_error(error, file, (DiagSpan){0, 0},
                          "the file has %" G_GSIZE_FORMAT " bytes; the limit is %d", file->length,
                          LEX_FILE_MAX);
    for (gsize i = 0; i < file->length; i++) {
        guchar c = (guchar)file->text[i];
        if ((c < 0x20 && c != '\n' && c != '\t') || c == 0x7f)
            return diag_error(error, file, (DiagSpan){i, i + 1}, "control byte 0x%02x%s", c,
                              c == '\r' ? " (lines must end in a newline without carriage return)"
                                        : "");
    }
    const char *bad = NULL;
    if (!g_utf8_validate(file->text, (gssize)file->length, &bad)) {
        gsize at = (gsize)(bad - file->text);
        return diag_error(error, file, (DiagSpan){at, at + 1}, "byte 0x%02x is not UTF-8",
                          (guchar)*bad);
    }
    return TRUE;
}

static gboolean is_blank(char c) { return c == ' ' || c == '\t'; }

static DiagSpan trim(const DiagFile *file, DiagSpan span) {
    while (span.begin < span.end && is_blank(file->text[span.begin]))
        span.begin++;
    while (span.end > span.begin && is_blank(file->text[span.end - 1]))
        span.end--;
    return span;
}

/* Splits the trimmed `span` at its first blank into a name and an argument. */
static void split_name(const DiagFile *file, DiagSpan span, LexLine *line) {
    gsize at = span.begin;
    while (at < span.end && !is_blank(file->text[at]))
        at++;
    line->name = (DiagSpan){span.begin, at};
    line->argument = trim(file, (DiagSpan){at, span.end});
}

static gboolean lex_section(const DiagFile *file, DiagSpan line, LexLine *ret_line,
                            GError **error) {
    if (file->text[line.end - 1] != ']')
        return diag_error(error, file, (DiagSpan){line.end, line.end},
                          "a section line must end with \"]\"");
    DiagSpan inner = trim(file, (DiagSpan){line.begin + 1, line.end - 1});
    if (inner.begin == inner.end) return diag_error(error, file, line, "missing section name");
    *ret_line = (LexLine){.kind = LEX_SECTION};
    split_name(file, inner, ret_line);
    return TRUE;
}

static gboolean lex_key(const DiagFile *file, DiagSpan line, LexLine *ret_line, GError **error) {
    const char *equals = memchr(file->text + line.begin, '=', line.end - line.begin);
    if (!equals)
        return diag_error(error, file, line,
                          "expected \"key = value\", \"[section]\" or a comment");
    gsize at = (gsize)(equals - file->text);
    DiagSpan left = trim(file, (DiagSpan){line.begin, at});
    if (left.begin == left.end)
        return diag_error(error, file, (DiagSpan){at, at + 1}, "missing key before \"=\"");
    *ret_line = (LexLine){.kind = LEX_KEY, .value = trim(file, (DiagSpan){at + 1, line.end})};
    split_name(file, left, ret_line);
    return TRUE;
}

gboolean lex_next(Lexer *lexer, LexLine *ret_line, GError **error) {
    const DiagFile *file = lexer->file;
    while (lexer->at < file->length) {
        const char *newline = memchr(file->text + lexer->at, '\n', file->length - lexer->at);
        gsize end = newline ? (gsize)(newline - file->text) : file->length;
        DiagSpan line = trim(file, (DiagSpan){lexer->at, end});
        lexer->at = newline ? end + 1 : end;
        if (line.begin == line.end || file->text[line.begin] == '#') continue;
        if (file->text[line.begin] == '[') return lex_section(file, line, ret_line, error);
        return lex_key(file, line, ret_line, error);
    }
    *ret_line = (LexLine){.kind = LEX_END,
                          .name = {file->length, file->length},
                          .argument = {file->length, file->length},
                          .value = {file->length, file->length}};
    return TRUE;
}

char *lex_dup(const DiagFile *file, DiagSpan span) {
    return g_strndup(file->text + span.begin, span.end - span.begin);
}

gboolean lex_equal(const DiagFile *file, DiagSpan span, const char *text) {
    gsize length = strlen(text);
    return span.end - span.begin == length && memcmp(file->text + span.begin, text, length) == 0;
}

gboolean lex_word(const DiagFile *file, DiagSpan *rest, DiagSpan *ret_word, gboolean *ret_quoted,
                  GError **error) {
    *rest = trim(file, *rest);
    gsize at = rest->begin;
    if (at == rest->end) return FALSE;
    *ret_quoted = file->text[at] == '"';
    if (!*ret_quoted) {
        while (at < rest->end && !is_blank(file->text[at]))
            at++;
        *ret_word = (DiagSpan){rest->begin, at};
        rest->begin = at;
        return TRUE;
    }
    for (at++; at < rest->end && file->text[at] != '"'; at++)
        at += file->text[at] == '\\' && at + 1 < rest->end;
    if (at >= rest->end) return diag_error(error, file, *rest, "missing closing quote");
    *ret_word = (DiagSpan){rest->begin + 1, at};
    rest->begin = at + 1;
    if (rest->begin < rest->end && !is_blank(file->text[rest->begin]))
        return diag_error(error, file, (DiagSpan){rest->begin, rest->begin + 1},
                          "a blank must follow the closing quote");
    return TRUE;
}

const LexEscape lex_escapes[] = {{"\\n", '\n', "A newline."},
                                 {"\\t", '\t', "A tab."},
                                 {"\\r", '\r', "A carriage return."},
                                 {"\\e", '\033', "An escape character."},
                                 {"\\0", '\0', "A zero byte."},
                                 {"\\\\", '\\', "A backslash."},
                                 {"\\\"", '"', "A quote."},
                                 {"\\xHH", 0, "The byte of these two hex digits."},
                                 {NULL, 0, NULL}};

static gboolean refuse_escape(const DiagFile *file, DiagSpan span, GError **error) {
    g_autoptr(GString) known = g_string_new(NULL);
    for (const LexEscape *escape = lex_escapes; escape->syntax; escape++)
        g_string_append_printf(known, " %s", escape->syntax);
    return diag_error(error, file, span, "unknown escape; known escapes are%s", known->str);
}

/* The length in bytes of the escape that `text` (`length` bytes) begins with; 0 if it is not valid.
 */
static gsize read_escape(const char *text, gsize length, guint8 *ret_byte) {
    if (length >= 4 && text[1] == 'x' && g_ascii_isxdigit(text[2]) && g_ascii_isxdigit(text[3])) {
        *ret_byte = (guint8)(g_ascii_xdigit_value(text[2]) * 16 + g_ascii_xdigit_value(text[3]));
        return 4;
    }
    for (const LexEscape *escape = lex_escapes; length >= 2 && escape->syntax; escape++) {
        if (escape->syntax[2] || escape->syntax[1] != text[1]) continue;
        *ret_byte = (guint8)escape->byte;
        return 2;
    }
    return 0;
}

GBytes *lex_unquote(const DiagFile *file, DiagSpan word, GError **error) {
    g_autoptr(GByteArray) bytes = g_byte_array_new();
    for (gsize at = word.begin, used; at < word.end; at += used) {
        guint8 byte = (guint8)file->text[at];
        used = byte == '\\' ? read_escape(file->text + at, word.end - at, &byte) : 1;
        if (used == 0) {
            refuse_escape(file, (DiagSpan){at, MIN(at + 2, word.end)}, error);
            return NULL;
        }
        g_byte_array_append(bytes, &byte, 1);
    }
    return g_byte_array_free_to_bytes(g_steal_pointer(&bytes));
}
