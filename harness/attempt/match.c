#define _GNU_SOURCE /* memmem */
#include "attempt/match.h"
#include <string.h>

void matcher_init(Matcher *matcher, const GPtrArray *texts) {
    *matcher = (Matcher){.texts = texts, .tail = g_byte_array_new()};
}

void matcher_clear(Matcher *matcher) { g_byte_array_unref(matcher->tail); }

/* Looks for the present text in `data`; returns the bytes up to its end, or 0. */
static gsize find_end(const Matcher *matcher, const guint8 *data, gsize length) {
    gsize size;
    const void *text = g_bytes_get_data(matcher->texts->pdata[matcher->next], &size);
    const guint8 *found = size <= length ? memmem(data, length, text, size) : NULL;
    return found ? (gsize)(found - data) + size : 0;
}

/* Keeps the end of tail and data that may begin the present text. */
static void keep_tail(Matcher *matcher, const guint8 *data, gsize length) {
    gsize want = g_bytes_get_size(matcher->texts->pdata[matcher->next]);
    want -= want > 0;
    if (length >= want) {
        g_byte_array_set_size(matcher->tail, 0);
        data += length - want;
        length = want;
    } else if (matcher->tail->len > want - length) {
        g_byte_array_remove_range(matcher->tail, 0, matcher->tail->len - (guint)(want - length));
    }
    if (length > 0) g_byte_array_append(matcher->tail, data, (guint)length);
}

guint matcher_feed(Matcher *matcher, const guint8 *data, gsize length) {
    guint before = matcher->next;
    while (matcher->next < matcher->texts->len) {
        gsize size = g_bytes_get_size(matcher->texts->pdata[matcher->next]);
        gsize tail = matcher->tail->len, end;
        if (tail > 0) {
            /* A match across the cut ends within the first size - 1 bytes of data. */
            gsize head = MIN(length, size);
            g_byte_array_append(matcher->tail, data, (guint)head);
            end = find_end(matcher, matcher->tail->data, matcher->tail->len);
            g_byte_array_set_size(matcher->tail, (guint)tail);
            end = end > tail ? end - tail : 0;
        } else {
            end = 0;
        }
        if (end == 0) end = find_end(matcher, data, length);
        if (end == 0) {
            keep_tail(matcher, data, length);
            break;
        }
        data += end;
        length -= end;
        g_byte_array_set_size(matcher->tail, 0);
        matcher->next++;
    }
    return matcher->next - before;
}
