#include "coverage/image.h"

void image_free(Image *image) {
    g_array_unref(image->text);
    g_array_unref(image->rows);
    g_array_unref(image->entries);
    g_array_unref(image->branches);
    g_bytes_unref(image->elf);
    g_free(image->name);
    g_free(image);
}

const guint8 *image_text_bytes(const GArray *segments, guint64 address, gsize size) {
    for (guint i = 0; i < segments->len; i++) {
        const ImageText *text = &g_array_index(segments, ImageText, i);
        guint64 offset = address - text->begin;
        if (address >= text->begin && size <= text->size && offset <= text->size - size)
            return text->bytes + offset;
    }
    return NULL;
}

const guint8 *image_bytes(const Image *image, guint64 address, gsize size) {
    return image_text_bytes(image->text, address, size);
}

const ImageRow *image_row(const Image *image, guint64 address) {
    guint low = 0, high = image->rows->len;
    while (low < high) {
        guint middle = low + (high - low) / 2;
        const ImageRow *row = &g_array_index(image->rows, ImageRow, middle);
        if (address < row->begin)
            high = middle;
        else if (address >= row->end)
            low = middle + 1;
        else
            return row;
    }
    return NULL;
}
