#include "differ/bytes.h"
#include <string.h>
#include <sys/mman.h>
#include <unistd.h>

/* memcmp is much faster than a loop over bytes. */
#define BLOCK (64 * 1024)
/* What was read of a mapped file is given back in pieces of this size, so that two files of any
 * size need no more memory than this. */
#define WINDOW (16 * 1024 * 1024)

/* Later reads of the range read the file again. */
static void give_back(const DiffSide *side, gsize from, gsize to) {
    if (!side->is_mapped) return;
    gsize page = (gsize)sysconf(_SC_PAGESIZE);
    gsize begin = ((gsize)side->data + from + page - 1) / page * page;
    gsize end = ((gsize)side->data + to) / page * page;
    if (begin < end) madvise((void *)begin, end - begin, MADV_DONTNEED);
}

gssize bytes_mismatch(const DiffSide *a, gsize at_a, const DiffSide *b, gsize at_b, gsize length) {
    const guint8 *one = a->data + at_a, *other = b->data + at_b;
    gsize at = 0, kept = 0;
    while (length - at >= BLOCK && memcmp(one + at, other + at, BLOCK) == 0) {
        at += BLOCK;
        if (at - kept < WINDOW) continue;
        give_back(a, at_a + kept, at_a + at);
        give_back(b, at_b + kept, at_b + at);
        kept = at;
    }
    while (at < length && one[at] == other[at])
        at++;
    return at < length ? (gssize)at : -1;
}

gssize bytes_first(const DiffSide *a, const DiffSide *b) {
    gsize common = MIN(a->size, b->size);
    gssize at = bytes_mismatch(a, 0, b, 0, common);
    return at < 0 && a->size != b->size ? (gssize)common : at;
}

gboolean bytes_same_end(const DiffSide *a, gsize at_a, const DiffSide *b, gsize at_b) {
    return at_a <= a->size && at_b <= b->size && a->size - at_a == b->size - at_b &&
           bytes_mismatch(a, at_a, b, at_b, a->size - at_a) < 0;
}

gboolean bytes_are(const DiffSide *side, gsize at, gsize end, guint8 value) {
    return at >= end ||
           (side->data[at] == value && bytes_mismatch(side, at, side, at + 1, end - at - 1) < 0);
}

guint64 bytes_count(const DiffSide *a, const DiffSide *b) {
    guint64 count = 0;
    gsize common = MIN(a->size, b->size);
    for (gsize at = 0; at < common;) {
        gssize next = bytes_mismatch(a, at, b, at, common - at);
        if (next < 0) break;
        at += (gsize)next;
        /* Where much differs, a call for each byte would be slow. */
        for (; at < common && a->data[at] != b->data[at]; at++)
            count++;
    }
    return count;
}

gboolean bytes_begin(const DiffSide *side, gsize at, const char *piece, gsize size) {
    return size <= side->size && at <= side->size - size &&
           memcmp(side->data + at, piece, size) == 0;
}
