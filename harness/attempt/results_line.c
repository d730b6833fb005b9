#include "attempt/results_line.h"
#include "base/text.h"
#include <string.h>

#define TAB_COLUMNS 8

void results_line_clear(ResultsLine *line) {
    g_free(line->text);
    g_free(line->reason);
}

/* After the time stamp of Linux's log, "[    1.234567] " or "[    1.234567][    T1] ", if there is
 * one. */
static const char *skip_stamp(const char *text) {
    while (*text == '[') {
        const char *end = text + 1 + strspn(text + 1, " 0123456789.TC");
        if (*end != ']' || end == text + 1) break;
        text = end + 1;
        if (*text == ' ') return text + 1; /* what follows is indented from here on */
    }
    return text;
}

static const char *skip_blanks(const char *text) { return text + strspn(text, " \t"); }

/* Text with invalid UTF-8 replaced, without blanks at its ends. */
static char *clean(const char *text, gsize length) {
    return g_strstrip(text_from_bytes((const guint8 *)text, length));
}

/* ---- TAP ---- */

/* The directive after an unescaped " #"; *ret_length is that of the text before it. */
static void find_directive(const char *text, ResultsLine *line, gsize *ret_length) {
    static const struct {
        const char *word;
        ResultsDirective directive;
    } words[] = {{"SKIP", DIRECTIVE_SKIP}, {"TODO", DIRECTIVE_TODO}, {"XFAIL", DIRECTIVE_TODO}};
    *ret_length = strlen(text);
    for (const char *at = text; (at = strchr(at, '#')); at++) {
        if (at > text && at[-1] == '\\') continue;
        const char *word = skip_blanks(at + 1);
        for (guint i = 0; i < G_N_ELEMENTS(words); i++) {
            gsize length = strlen(words[i].word);
            if (g_ascii_strncasecmp(word, words[i].word, length) != 0) continue;
            line->directive = words[i].directive;
            /* "# skipped: why" of older producers. */
            word += length + strspn(word + length, "pedPED");
            word = skip_blanks(word);
            word += *word == ':';
            line->reason = clean(word, strlen(word));
            *ret_length = (gsize)(at - text);
            return;
        }
    }
}

/* TAP 14 has two escapes in a description: "\#" and "\\". */
static void unescape(char *text) {
    char *to = text;
    for (const char *at = text; *at; at++) {
        if (*at == '\\' && (at[1] == '#' || at[1] == '\\')) at++;
        *to++ = *at;
    }
    *to = '\0';
}

/* "ok 3 - name # SKIP why"; `rest` follows "ok". */
static gboolean parse_test(const char *rest, gboolean is_ok, ResultsLine *line) {
    gsize length;
    if (*rest && *rest != ' ' && *rest != '\t') return FALSE;
    rest = skip_blanks(rest);
    line->kind = RESULTS_LINE_TEST;
    line->is_ok = is_ok;
    if (g_ascii_isdigit(*rest)) {
        char *end;
        guint64 number = g_ascii_strtoull(rest, &end, 10);
        if (!*end || *end == ' ' || *end == '\t') {
            line->has_number = TRUE;
            line->number = number;
            rest = skip_blanks(end);
        }
    }
    if (*rest == '-' && (!rest[1] || rest[1] == ' ')) rest = skip_blanks(rest + 1);
    find_directive(rest, line, &length);
    line->text = clean(rest, length);
    unescape(line->text);
    return TRUE;
}

/* "1..5 # SKIP why" */
static gboolean parse_plan(const char *text, ResultsLine *line) {
    char *end;
    gsize length;
    if (!g_str_has_prefix(text, "1..") || !g_ascii_isdigit(text[3])) return FALSE;
    line->number = g_ascii_strtoull(text + 3, &end, 10);
    end += strspn(end, " \t");
    if (*end && *end != '#') return FALSE;
    line->kind = RESULTS_LINE_PLAN;
    find_directive(end, line, &length);
    return TRUE;
}

static const char *after(const char *text, const char *prefix) {
    return g_str_has_prefix(text, prefix) ? text + strlen(prefix) : NULL;
}

/* Columns of the blanks before a line: KUnit indented with tabs before it had KTAP. */
static guint count_indent(const char **text) {
    guint columns = 0;
    for (; **text == ' ' || **text == '\t'; (*text)++)
        columns = **text == ' ' ? columns + 1 : (columns / TAB_COLUMNS + 1) * TAB_COLUMNS;
    return columns;
}

static void parse_tap(const char *text, gsize prefix, ResultsLine *line) {
    const char *rest;
    text = skip_stamp(text);
    text += MIN(prefix, strlen(text));
    line->indent = count_indent(&text);
    if ((rest = after(text, "not ok")) ? parse_test(rest, FALSE, line)
        : (rest = after(text, "ok"))   ? parse_test(rest, TRUE, line)
                                       : parse_plan(text, line))
        return;
    if (after(text, "TAP version ") || after(text, "KTAP version ")) {
        line->kind = RESULTS_LINE_VERSION;
    } else if ((rest = after(text, "# Subtest:"))) {
        line->kind = RESULTS_LINE_SUBTEST;
        line->text = clean(rest, strlen(rest));
    } else if ((rest = after(text, "Bail out!"))) {
        line->kind = RESULTS_LINE_BAIL_OUT;
        line->text = clean(rest, strlen(rest));
    } else if (*text == '#') {
        line->kind = RESULTS_LINE_COMMENT;
        line->text = clean(text + 1, strlen(text + 1));
    }
}

/* ---- kvm-unit-tests ---- */

static void parse_kvm_unit_tests(const char *text, ResultsLine *line) {
    static const struct {
        const char *word;
        gboolean is_ok;
        ResultsDirective directive;
    } words[] = {{"PASS: ", TRUE, DIRECTIVE_NONE},   {"FAIL: ", FALSE, DIRECTIVE_NONE},
                 {"XPASS: ", FALSE, DIRECTIVE_NONE}, {"XFAIL: ", FALSE, DIRECTIVE_TODO},
                 {"KFAIL: ", FALSE, DIRECTIVE_TODO}, {"SKIP: ", TRUE, DIRECTIVE_SKIP}};
    const char *rest;
    for (guint i = 0; i < G_N_ELEMENTS(words); i++) {
        if (!(rest = after(text, words[i].word))) continue;
        line->kind = RESULTS_LINE_TEST;
        line->is_ok = words[i].is_ok;
        line->directive = words[i].directive;
        line->text = clean(rest, strlen(rest));
        return;
    }
    if (!(rest = after(text, "SUMMARY: ")) || !g_ascii_isdigit(*rest)) return;
    line->kind = RESULTS_LINE_SUMMARY;
    line->number = g_ascii_strtoull(rest, NULL, 10);
}

gboolean results_line_is_version(const char *text, gsize *ret_prefix) {
    const char *begin = skip_stamp(text), *version = g_strrstr(begin, "TAP version ");
    if (!version) return FALSE;
    const char *number = version + strlen("TAP version ");
    gsize digits = strspn(number, "0123456789");
    if (digits == 0 || number[digits + strspn(number + digits, " \t\r")]) return FALSE;
    *ret_prefix = (gsize)(version - begin) - (version > begin && version[-1] == 'K');
    return TRUE;
}

void results_line_parse(ResultsFormat format, const char *text, gsize prefix, ResultsLine *ret) {
    gsize length = strlen(text);
    g_autofree char *line = g_strndup(text, length - (length > 0 && text[length - 1] == '\r'));
    *ret = (ResultsLine){.kind = RESULTS_LINE_OTHER};
    if (format == RESULTS_KVM_UNIT_TESTS)
        parse_kvm_unit_tests(line, ret);
    else
        parse_tap(line, prefix, ret);
    if (!ret->text) ret->text = g_strdup("");
    if (!ret->reason) ret->reason = g_strdup("");
}
