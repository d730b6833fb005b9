#include "attempt/keepsake.h"
#include "base/text.h"

void keepsake_init(Keepsake *keepsake) {
    *keepsake = (Keepsake){g_byte_array_new(), g_byte_array_new(), 0};
}

void keepsake_clear(Keepsake *keepsake) {
    g_byte_array_unref(keepsake->head);
    g_byte_array_unref(keepsake->tail);
}

static void drop(Keepsake *keepsake, gsize size) {
    g_byte_array_remove_range(keepsake->tail, 0, (guint)size);
    keepsake->dropped += size;
}

void keepsake_add(Keepsake *keepsake, const guint8 *data, gsize length) {
    GByteArray *head = keepsake->head, *tail = keepsake->tail;
    gsize first = MIN(length, KEEPSAKE_HEAD_BYTES - head->len);
    if (first > 0) g_byte_array_append(head, data, (guint)first);
    data += first;
    length -= first;
    if (length > KEEPSAKE_TAIL_BYTES) {
        drop(keepsake, tail->len);
        keepsake->dropped += length - KEEPSAKE_TAIL_BYTES;
        data += length - KEEPSAKE_TAIL_BYTES;
        length = KEEPSAKE_TAIL_BYTES;
    }
    /* Twice the size before it is cut, so that cutting costs little a byte. */
    if (length > 0) g_byte_array_append(tail, data, (guint)length);
    if (tail->len > 2 * KEEPSAKE_TAIL_BYTES) drop(keepsake, tail->len - KEEPSAKE_TAIL_BYTES);
}

/* Bytes at the beginning that end a character whose first is gone. */
static gsize strays(const guint8 *data, gsize length) {
    gsize count = 0;
    while (count < MIN(length, 3) && (data[count] & 0xc0) == 0x80)
        count++;
    return count;
}

char *keepsake_text(const Keepsake *keepsake) {
    const GByteArray *head = keepsake->head, *tail = keepsake->tail;
    gsize excess = tail->len > KEEPSAKE_TAIL_BYTES ? tail->len - KEEPSAKE_TAIL_BYTES : 0;
    if (keepsake->dropped + excess == 0) {
        g_autoptr(GByteArray) all = g_byte_array_new();
        g_byte_array_append(all, head->data, head->len);
        g_byte_array_append(all, tail->data, tail->len);
        return text_from_bytes(all->data, all->len);
    }
    gsize cut = text_unfinished(head->data, head->len);
    gsize from = excess + strays(tail->data + excess, tail->len - excess);
    g_autofree char *begin = text_from_bytes(head->data, head->len - cut);
    g_autofree char *end = text_from_bytes(tail->data + from, tail->len - from);
    return g_strdup_printf("%s\n[%" G_GUINT64_FORMAT " bytes are left out here]\n%s", begin,
                           keepsake->dropped + from + cut, end);
}
