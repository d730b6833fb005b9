/*
 * A difference of two contents as a value: its cause in one sentence, and lines that show it. What
 * compares a format returns one, or NULL where its format explains nothing.
 */
#pragma once
#include <glib.h>

/* One of the two contents; `name` stands in sentences: "A", "expected". */
typedef struct {
    const char *name;
    const guint8 *data;
    gsize size;
    gboolean is_mapped; /* from a file: its pages may be given back while it is read */
} DiffSide;

typedef struct {
    char *cause;
    GPtrArray *lines; /* of char * */
} Diff;

/* Compares two parts of contents in their own format; NULL when they are equal. */
typedef Diff *(*DiffJudge)(const DiffSide *a, const DiffSide *b, guint depth);

/* Archives in archives and the like are looked into so deep. */
#define DIFF_DEPTH 6

Diff *diff_new(const char *format, ...) G_GNUC_PRINTF(1, 2);
void diff_free(Diff *diff);
void diff_line(Diff *diff, const char *format, ...) G_GNUC_PRINTF(2, 3);

/* Puts "where: " in front of the cause. */
void diff_within(Diff *diff, const char *where);

/* Appends to the cause. */
void diff_more(Diff *diff, const char *format, ...) G_GNUC_PRINTF(2, 3);

/* Adds the cause of `other` as a line "also: CAUSE", unless it is known, and frees it. */
void diff_also(Diff *diff, Diff *other);

/* `size` bytes of `side` from `at` on, which must be there. */
DiffSide diff_part(const DiffSide *side, gsize at, gsize size);

/* "4,096"; free with g_free. */
char *diff_number(guint64 number);

/* text_quoted of at most some sixty bytes of a text, around the byte `at`; free with g_free. */
char *diff_quoted(const void *text, gsize length, gsize at);

G_DEFINE_AUTOPTR_CLEANUP_FUNC(Diff, diff_free)
