#include "differ/words.h"
#include <string.h>

/* Longer texts are not searched for patterns. */
#define TEXT_BYTES (4 * 1024 * 1024)

#define MONTH "(?:Jan|Feb|Mar|Apr|May|Jun|Jul|Aug|Sep|Oct|Nov|Dec)[a-z]{0,6}"
#define DAY   "(?:Mon|Tue|Wed|Thu|Fri|Sat|Sun)[a-z]{0,6}"
#define CLOCK "\\d{1,2}:\\d\\d(?::\\d\\d)?(?:[.,]\\d+)?(?: ?[AP]M)?"
#define ZONE  "(?: ?(?:Z|UTC|GMT|[A-Z]{3,4}|[+-]\\d\\d:?\\d\\d))?"
/* Dates as ISO 8601, C (__DATE__, asctime), mail and date(1) write them, clocks, and seconds since
 * 1970 from 2001 to 2033. */
#define TIMESTAMP                                                                                \
    "\\b\\d{4}[-/.]\\d\\d[-/.]\\d\\d(?:[T ]?" CLOCK ")?" ZONE "|\\b\\d{8}T\\d{4,6}Z?|"           \
    "(?:\\b" DAY ",? +)?\\b" MONTH " +\\d{1,2},?(?: +" CLOCK ZONE ")?(?: +\\d{4})?(?:" CLOCK     \
    ")?(?!\\d)|"                                                                                 \
    "(?:\\b" DAY ",? +)?\\b\\d{1,2}[ -]" MONTH "[ -]\\d{4}(?: +" CLOCK ")?" ZONE "|"             \
    "\\b" CLOCK ZONE "|\\b(?:1\\d{9}|20[0-3]\\d{7})(?:\\.\\d+|\\d{3}|\\d{6}|\\d{9})?\\b|\\b" DAY \
    "\\b"
/* An absolute path, where a word or the value of an option begins. */
#define PATH_TEXT \
    "(?<=^|[\\s\"'`=:;,(<\\[{|]|-[A-Za-z])(?:[A-Za-z]:\\\\|~?/)[^\\s\"'`:;,()<>|{}\\x00]+"

static char *mask(GRegex **regex, const char *pattern, const char *with, const DiffSide *side) {
    if (!*regex)
        *regex = g_regex_new(pattern, G_REGEX_RAW | G_REGEX_OPTIMIZE | G_REGEX_MULTILINE, 0, NULL);
    return g_regex_replace_literal(*regex, (const char *)side->data, (gssize)side->size, 0, with, 0,
                                   NULL);
}

static char *mask_times(const DiffSide *side) {
    static GRegex *regex;
    return mask(&regex, TIMESTAMP, "T", side);
}

static char *mask_paths(const DiffSide *side) {
    static GRegex *regex;
    return mask(&regex, PATH_TEXT, "/P", side);
}

static char *mask_blanks(const DiffSide *side) {
    static GRegex *regex;
    return mask(&regex, "(?:[ \\t\\r\\f\\v]|\xc2\xa0)+", "", side);
}

typedef char *(*Mask)(const DiffSide *side);

static gboolean is_same(Mask masked, const DiffSide *a, const DiffSide *b) {
    g_autofree char *one = masked(a);
    g_autofree char *other = masked(b);
    return one && other && strcmp(one, other) == 0;
}

const char *words_only(const DiffSide *a, const DiffSide *b) {
    if (a->size > TEXT_BYTES || b->size > TEXT_BYTES || memchr(a->data, 0, a->size) ||
        memchr(b->data, 0, b->size))
        return NULL;
    return is_same(mask_blanks, a, b)  ? "white space"
           : is_same(mask_times, a, b) ? "a timestamp"
           : is_same(mask_paths, a, b) ? "a path"
                                       : NULL;
}

static gboolean ends_word(guint8 c) { return c <= ' ' || strchr("\"'`:;,()<>|{}=", c) != NULL; }

/* The word around the part that differs: from `from` on, with `end` bytes after it. */
static DiffSide find_word(const DiffSide *side, gsize from, gsize end) {
    gsize to = side->size - end;
    while (from > 0 && !ends_word(side->data[from - 1]))
        from--;
    while (to < side->size && !ends_word(side->data[to]))
        to++;
    return diff_part(side, from, to - from);
}

static gboolean is_number(const DiffSide *word) {
    gsize i = word->size && (*word->data == '-' || *word->data == '+');
    gboolean is_hex = i + 2 < word->size && word->data[i] == '0' && (word->data[i + 1] | 32) == 'x';
    if (is_hex) i += 2;
    if (i == word->size) return FALSE;
    for (; i < word->size; i++)
        if (is_hex ? !g_ascii_isxdigit(word->data[i])
                   : !g_ascii_isdigit(word->data[i]) && word->data[i] != '.')
            return FALSE;
    return TRUE;
}

/* "/x", "~/x", "C:\x" or "a/b/c". */
static gboolean is_path(const DiffSide *word) {
    guint slashes = 0, letters = 0;
    for (gsize i = 0; i < word->size; i++) {
        slashes += word->data[i] == '/' || word->data[i] == '\\';
        letters += g_ascii_isalpha(word->data[i]) != 0;
    }
    return slashes && letters && word->size > 1;
}

/* Seconds since 1970 against any number, as SOURCE_DATE_EPOCH=0 makes it. */
static gboolean is_epoch(const DiffSide *word) {
    return word->size == 10 && is_number(word) && (word->data[0] == '1' || word->data[0] == '2');
}

const char *words_kind(const DiffSide *a, const DiffSide *b) {
    const char *only = words_only(a, b);
    if (only) return only;
    if (a->size > TEXT_BYTES || b->size > TEXT_BYTES) return NULL;
    gsize common = MIN(a->size, b->size), begin = 0, end = 0;
    while (begin < common && a->data[begin] == b->data[begin])
        begin++;
    while (end < common - begin && a->data[a->size - 1 - end] == b->data[b->size - 1 - end])
        end++;
    DiffSide one = find_word(a, begin, end), other = find_word(b, begin, end);
    if (is_path(&one) && is_path(&other)) return "a path";
    if ((is_path(&one) && *one.data == '/') || (is_path(&other) && *other.data == '/'))
        return "a path";
    if (is_number(&one) && is_number(&other))
        return is_epoch(&one) || is_epoch(&other) ? "a timestamp" : "a number";
    if (one.size == other.size && one.size &&
        g_ascii_strncasecmp((const char *)one.data, (const char *)other.data, one.size) == 0)
        return "upper and lower case";
    return NULL;
}
