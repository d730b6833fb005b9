/* Comparisons of bytes, in the time of a memcmp and in constant memory. */
#pragma once
#include "differ/diff.h"

/* The first index below `length` at which the bytes from `at_a` and from `at_b` on differ, or -1.
 * Both sides must have so many. */
gssize bytes_mismatch(const DiffSide *a, gsize at_a, const DiffSide *b, gsize at_b, gsize length);

/* The first offset at which the contents differ (the length of the shorter one if the other begins
 * with it), or -1 when they are equal. */
gssize bytes_first(const DiffSide *a, const DiffSide *b);

/* Whether everything from `at_a` on equals everything from `at_b` on. */
gboolean bytes_same_end(const DiffSide *a, gsize at_a, const DiffSide *b, gsize at_b);

/* Whether every byte from `at` to `end` is `value`. */
gboolean bytes_are(const DiffSide *side, gsize at, gsize end, guint8 value);

/* The number of bytes, at the same offsets, that differ. */
guint64 bytes_count(const DiffSide *a, const DiffSide *b);

/* Whether the `size` bytes of `piece` are at `at` of the side. */
gboolean bytes_begin(const DiffSide *side, gsize at, const char *piece, gsize size);
