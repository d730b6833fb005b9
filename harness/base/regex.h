/*
 * Regular expressions over a text that is still arriving: PCRE2 on bytes, "^" and "$" at lines, "."
 * without newlines. The result never depends on where reads cut the text: a match that more text
 * could change or prevent is open until that text arrives (pcre2partial(3), PCRE2_PARTIAL_HARD).
 */
#pragma once
#include <glib.h>

typedef struct _Regex Regex;

/* Compiles `length` bytes; NULL and *error with the problem and its offset. Items that would
 * make a match depend on where reads cut the text (\G, (*COMMIT), (*NOTEMPTY_ATSTART)) are refused.
 */
Regex *regex_new(const char *pattern, gsize length, GError **error);
void regex_free(Regex *regex);

/* How many bytes before a match the expression may look at. */
gsize regex_lookbehind(const Regex *regex);

/* How many groups in parentheses the expression has. */
guint regex_groups(const Regex *regex);

/* The number of the group "(?<NAME>...)", or -1. */
int regex_named_group(const Regex *regex, const char *name);

/* The range of group `number` (0: all) of the search that was the last to find something; FALSE if
 * the group took no part in the match. */
gboolean regex_group(const Regex *regex, guint number, gsize *ret_begin, gsize *ret_end);

typedef enum {
    REGEX_NONE,  /* no match begins before *ret_begin, whatever follows */
    REGEX_OPEN,  /* one may begin at *ret_begin, depending on more text; none begins before */
    REGEX_FOUND, /* the first match is [*ret_begin, *ret_end) */
    REGEX_FAILED /* PCRE failed: *error */
} RegexResult;

/*
 * Finds the first match that begins at or after `from`; "^" and lookbehind see the text before
 * `from`. With `is_end` the text is complete, and nothing is open.
 */
RegexResult regex_search(const Regex *regex, const guint8 *text, gsize length, gsize from,
                         gboolean is_end, gsize *ret_begin, gsize *ret_end, GError **error);

G_DEFINE_AUTOPTR_CLEANUP_FUNC(Regex, regex_free)
