#include "attempt/excerpt.h"
#include "base/text.h"

/* Longer lines are cut at their beginning. */
#define LAST_LINE_BYTES 160

void excerpt_init(Excerpt *excerpt) {
    *excerpt = (Excerpt){g_byte_array_new(), g_byte_array_new(), 0};
}

void excerpt_clear(Excerpt *excerpt) {
    g_byte_array_unref(excerpt->head);
    g_byte_array_unref(excerpt->tail);
}

static void drop(Excerpt *excerpt, gsize size) {
    g_byte_array_remove_range(excerpt->tail, 0, (guint)size);
    excerpt->dropped += size;
}

void excerpt_add(Excerpt *excerpt, const guint8 *data, gsize length) {
    GByteArray *head = excerpt->head, *tail = excerpt->tail;
    gsize first = MIN(length, EXCERPT_HEAD_BYTES - head->len);
    if (first > 0) g_byte_array_append(head, data, (guint)first);
    data += first;
    length -= first;
    if (length > EXCERPT_TAIL_BYTES) {
        drop(excerpt, tail->len);
        excerpt->dropped += length - EXCERPT_TAIL_BYTES;
        data += length - EXCERPT_TAIL_BYTES;
        length = EXCERPT_TAIL_BYTES;
    }
    /* Grows to twice the size before it is cut, which amortizes the cost. */
    if (length > 0) g_byte_array_append(tail, data, (guint)length);
    if (tail->len > 2 * EXCERPT_TAIL_BYTES) drop(excerpt, tail->len - EXCERPT_TAIL_BYTES);
}

/* Leading bytes that continue a character whose first byte is gone. */
static gsize strays(const guint8 *data, gsize length) {
    gsize count = 0;
    while (count < MIN(length, 3) && (data[count] & 0xc0) == 0x80)
        count++;
    return count;
}

char *excerpt_text(const Excerpt *excerpt) {
    const GByteArray *head = excerpt->head, *tail = excerpt->tail;
    gsize excess = tail->len > EXCERPT_TAIL_BYTES ? tail->len - EXCERPT_TAIL_BYTES : 0;
    if (excerpt->dropped + excess == 0) {
        g_autoptr(GByteArray) all = g_byte_array_new();
        g_byte_array_append(all, head->data, head->len);
        g_byte_array_append(all, tail->data, tail->len);
        return text_from_bytes(all->data, all->len);
    }
    gsize cut = text_unfinished(head->data, head->len);
    gsize from = excess + strays(tail->data + excess, tail->len - excess);
    g_autofree char *begin = text_from_bytes(head->data, head->len - cut);
    g_autofree char *end = text_from_bytes(tail->data + from, tail->len - from);
    return g_strdup_printf("%s\n[%" G_GUINT64_FORMAT " bytes omitted]\n%s", begin,
                           excerpt->dropped + from + cut, end);
}

char *excerpt_last_line(const Excerpt *excerpt) {
    const GByteArray *last = excerpt->tail->len > 0 ? excerpt->tail : excerpt->head;
    gsize from = last->len > LAST_LINE_BYTES ? last->len - LAST_LINE_BYTES : 0;
    g_autofree char *text = text_from_bytes(last->data + from, last->len - from);
    g_auto(GStrv) lines = g_strsplit_set(text, "\r\n", -1);
    for (guint i = g_strv_length(lines); i > 0; i--)
        if (*g_strstrip(lines[i - 1])) return text_line(lines[i - 1]);
    return NULL;
}
