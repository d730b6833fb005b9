/*
 * Regular expressions over a text that is still coming: PCRE2 on bytes, "^" and "$" at lines, "."
 * without newlines. What is found never depends on how much has come: a match that more text could
 * change or prevent is open until that text is there (pcre2partial(3), PCRE2_PARTIAL_HARD).
 */
#pragma once
#include <glib.h>

typedef struct _Regex Regex;

/* Compiles `length` bytes; NULL and *error with what is wrong at which offset. What would make a
 * match depend on how much has come (\G, (*COMMIT), (*NOTEMPTY_ATSTART)) is refused. */
Regex *regex_new(const char *pattern, gsize length, GError **error);
void regex_free(Regex *regex);

/* How many bytes before a match it may look at. */
gsize regex_lookbehind(const Regex *regex);

typedef enum {
    REGEX_NONE,  /* no match begins before *ret_begin, whatever comes */
    REGEX_OPEN,  /* one may begin at *ret_begin, which more text decides, and none before */
    REGEX_FOUND, /* the first match is [*ret_begin, *ret_end) */
    REGEX_FAILED /* PCRE gave up, for a reason in *error */
} RegexResult;

/*
 * Looks for the first match that begins at `from` or behind it; what stands before is seen by "^"
 * and by what looks behind. With `is_end` no more will come, and nothing is open.
 */
RegexResult regex_search(const Regex *regex, const guint8 *text, gsize length, gsize from,
                         gboolean is_end, gsize *ret_begin, gsize *ret_end, GError **error);

G_DEFINE_AUTOPTR_CLEANUP_FUNC(Regex, regex_free)
