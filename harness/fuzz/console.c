/* Console bytes: the first byte chooses how they are cut into pieces. */
#include "attempt/console_parser.h"
#include <stdint.h>
#include <stdlib.h>

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size);

/* All bytes that come out, so that sanitizers see each one read. */
static unsigned drain(Console *console) {
    ConsoleItem item;
    unsigned sum = 0;
    while (console_pull(console, &item))
        for (gsize i = 0; i < item.length; i++)
            sum += item.data[i];
    return sum;
}

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size) {
    if (size == 0) return 0;
    size_t piece = data[0] ? data[0] : size;
    g_autoptr(GStringChunk) strings = g_string_chunk_new(256);
    g_autoptr(Console) console = console_new(data[0] & 1 ? "ab" : NULL, strings);
    volatile unsigned sum = 0;
    for (size_t at = 1; at < size; at += piece) {
        size_t count = piece < size - at ? piece : size - at;
        g_autofree uint8_t *copy = g_memdup2(data + at, count);
        console_push(console, copy, count);
        sum += drain(console);
    }
    console_end(console);
    sum += drain(console);
    return 0;
}
