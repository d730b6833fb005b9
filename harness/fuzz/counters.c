/* The file that the plugin counts into: what is accepted lies within its bytes. */
#include "coverage/counters.h"
#include <stdint.h>
#include <stdlib.h>
#include <string.h>

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size);

static void check(const uint8_t *data, size_t size) {
    g_autoptr(GBytes) bytes = g_bytes_new(data, size);
    g_autoptr(Counters) counters = counters_parse(g_bytes_ref(bytes), NULL);
    if (!counters) return;
    const uint8_t *end = g_bytes_get_data(bytes, NULL);
    end += size;
    if ((const uint8_t *)(counters->entries + counters->n) > end) abort();
    for (gsize i = 0; i < counters->n; i++)
        if (counters->entries[i].size > COUNTERS_INSN_MAX) abort();
}

/* The bytes as they are, and as entries behind a head that fits. */
int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size) {
    struct counters_head head = {.magic = COUNTERS_MAGIC,
                                 .used = size / sizeof(struct counters_entry)};
    g_autoptr(GByteArray) all = g_byte_array_new();
    check(data, size);
    g_byte_array_append(all, (const guint8 *)&head, sizeof head);
    g_byte_array_append(all, data, (guint)size);
    check(all->data, all->len);
    return 0;
}
