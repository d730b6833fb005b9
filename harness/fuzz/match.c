/* Console texts: however the stream is cut, those are found that stand in it, one after the other.
 * The input is the length of pieces, three lengths of texts, and then the stream, whose beginning
 * the texts are. */
#include "attempt/match.h"
#include <stdint.h>
#include <stdlib.h>
#include <string.h>

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size);

enum { TEXTS = 3 };

/* As memmem, which no standard has. */
static const uint8_t *find(const uint8_t *at, size_t size, const uint8_t *text, size_t length) {
    for (; size >= length; at++, size--)
        if (memcmp(at, text, length) == 0) return at;
    return NULL;
}

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size) {
    if (size < 1 + TEXTS) return 0;
    size_t piece = data[0] ? data[0] : size;
    const uint8_t *lengths = data + 1;
    data += 1 + TEXTS;
    size -= 1 + TEXTS;
    g_autoptr(GPtrArray) texts = g_ptr_array_new_with_free_func((GDestroyNotify)g_bytes_unref);
    guint expected = 0;
    const uint8_t *from = data;
    gboolean missing = FALSE;
    for (guint i = 0; i < TEXTS; i++) {
        size_t length = 1 + lengths[i] % 8;
        if (length > size) return 0;
        g_ptr_array_add(texts, g_bytes_new(data, length));
        const uint8_t *found =
            missing ? NULL : find(from, size - (size_t)(from - data), data, length);
        missing = !found;
        if (found) from = found + length;
        expected += found != NULL;
    }
    Matcher matcher;
    matcher_init(&matcher, texts);
    guint found = 0;
    for (size_t at = 0; at < size; at += piece) {
        size_t count = piece < size - at ? piece : size - at;
        g_autofree uint8_t *copy = g_memdup2(data + at, count);
        found += matcher_feed(&matcher, copy, count);
    }
    if (found != expected || matcher.next != expected) abort();
    matcher_clear(&matcher);
    return 0;
}
