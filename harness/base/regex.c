#define PCRE2_CODE_UNIT_WIDTH 8
#include "base/regex.h"
#include "base/error.h"
#include <pcre2.h>
#include <string.h>

/* PCRE's messages have less than 120 bytes. */
#define MESSAGE_MAX 256

struct _Regex {
    pcre2_code *code;
    pcre2_match_data *match;
    gsize lookbehind;
};

static void set_error(GError **error, int code, const char *where) {
    PCRE2_UCHAR message[MESSAGE_MAX] = "";
    pcre2_get_error_message(code, message, sizeof message);
    g_set_error(error, HARNESS_ERROR, HARNESS_ERROR_GATE, "%s%s", (char *)message, where);
}

/*
 * Items that ask where a search began, or that end a whole search. A search without a match is
 * restarted when more text arrives, so their result would depend on where reads cut the text
 * (pcre2pattern(3), "Simple assertions", "Backtracking control", "Special start-of-pattern items").
 */
static const char *const cut_dependent[] = {"\\G", "(*COMMIT", "(*NOTEMPTY_ATSTART"};

static gboolean stands_at(const char *text, const char *at, const char *end) {
    gsize length = strlen(text);
    return (gsize)(end - at) >= length && memcmp(at, text, length) == 0;
}

/* The end of the character class that begins at `at`; there is one, since PCRE compiled it. */
static const char *skip_class(const char *at, const char *end) {
    at += stands_at("[^", at, end) ? 2 : 1;
    for (const char *first = at; at < end && (*at != ']' || at == first); at++) {
        if (*at == '\\') at++;
        if (stands_at("[:", at, end) && memchr(at, ']', (gsize)(end - at)))
            at = memchr(at, ']', (gsize)(end - at));
    }
    return at + 1;
}

/* The first of them in a pattern that compiles, outside of classes and \Q...\E; or NULL. */
static const char *find_cut_dependent(const char *at, gsize length, gsize *ret_offset) {
    const char *begin = at, *end = at + length;
    while (at < end) {
        for (guint i = 0; i < G_N_ELEMENTS(cut_dependent); i++)
            if (stands_at(cut_dependent[i], at, end)) {
                *ret_offset = (gsize)(at - begin);
                return cut_dependent[i];
            }
        if (stands_at("\\Q", at, end))
            while (at < end && !stands_at("\\E", at, end))
                at++;
        at = at < end && *at == '[' ? skip_class(at, end) : at + (at < end && *at == '\\' ? 2 : 1);
    }
    return NULL;
}

Regex *regex_new(const char *pattern, gsize length, GError **error) {
    int code;
    PCRE2_SIZE at;
    /* A line begins after a newline even at the end of the text: ALT_CIRCUMFLEX. */
    const guint32 flags = PCRE2_MULTILINE | PCRE2_ALT_CIRCUMFLEX;
    pcre2_compile_context *context = pcre2_compile_context_create(NULL);
    pcre2_set_newline(context, PCRE2_NEWLINE_ANYCRLF);
    pcre2_code *compiled = pcre2_compile((PCRE2_SPTR)pattern, length, flags, &code, &at, context);
    pcre2_compile_context_free(context);
    if (!compiled) {
        g_autofree char *where = g_strdup_printf(" (at byte %" G_GSIZE_FORMAT ")", (gsize)at + 1);
        set_error(error, code, where);
        return NULL;
    }
    gsize offset;
    const char *dependent = find_cut_dependent(pattern, length, &offset);
    if (dependent) {
        g_set_error(
            error, HARNESS_ERROR, HARNESS_ERROR_GATE,
            "%s%s is not allowed: its result depends on where reads cut the console (at byte %zu)",
            dependent, *dependent == '(' ? ")" : "", offset + 1);
        pcre2_code_free(compiled);
        return NULL;
    }
    guint32 behind = 0;
    pcre2_pattern_info(compiled, PCRE2_INFO_MAXLOOKBEHIND, &behind);
    Regex *regex = g_new0(Regex, 1);
    regex->code = compiled;
    regex->match = pcre2_match_data_create_from_pattern(compiled, NULL);
    regex->lookbehind = behind;
    return regex;
}

void regex_free(Regex *regex) {
    pcre2_match_data_free(regex->match);
    pcre2_code_free(regex->code);
    g_free(regex);
}

gsize regex_lookbehind(const Regex *regex) { return regex->lookbehind; }

guint regex_groups(const Regex *regex) {
    guint32 count = 0;
    pcre2_pattern_info(regex->code, PCRE2_INFO_CAPTURECOUNT, &count);
    return count;
}

int regex_named_group(const Regex *regex, const char *name) {
    int number = pcre2_substring_number_from_name(regex->code, (PCRE2_SPTR)name);
    return number > 0 ? number : -1;
}

gboolean regex_group(const Regex *regex, guint number, gsize *ret_begin, gsize *ret_end) {
    const PCRE2_SIZE *ranges = pcre2_get_ovector_pointer(regex->match);
    if (number > regex_groups(regex) || ranges[2 * number] == PCRE2_UNSET) return FALSE;
    *ret_begin = ranges[2 * number];
    *ret_end = MAX(ranges[2 * number + 1], *ret_begin);
    return TRUE;
}

/* Where a later search begins after one that found nothing: a line feed that may still come after
 * a last carriage return makes one newline with it. */
static gsize next_begin(const guint8 *text, gsize length, gsize from) {
    return length > from && text[length - 1] == '\r' ? length - 1 : length;
}

RegexResult regex_search(const Regex *regex, const guint8 *text, gsize length, gsize from,
                         gboolean is_end, gsize *ret_begin, gsize *ret_end, GError **error) {
    static const guint8 nothing[1];
    const PCRE2_SIZE *range = pcre2_get_ovector_pointer(regex->match);
    int found = pcre2_match(regex->code, text ? text : nothing, length, from,
                            is_end ? 0 : PCRE2_PARTIAL_HARD, regex->match, NULL);
    if (found == PCRE2_ERROR_NOMATCH) {
        *ret_begin = next_begin(text, length, from);
        return REGEX_NONE;
    }
    /* A match at the very end has seen no following byte, which may invalidate it. */
    gboolean unseen = found >= 0 && !is_end && range[0] == length;
    if (found == PCRE2_ERROR_PARTIAL || unseen) {
        *ret_begin = range[0];
        return REGEX_OPEN;
    }
    if (found < 0) {
        set_error(error, found, "");
        return REGEX_FAILED;
    }
    *ret_begin = range[0];
    *ret_end = MAX(range[1], from);
    return REGEX_FOUND;
}
