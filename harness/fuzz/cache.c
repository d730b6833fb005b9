/* Entries of the cache: what is accepted says the same when it is written and read again. */
#include "cache_entry.h"
#include <stdint.h>
#include <stdlib.h>
#include <string.h>

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size);

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size) {
    GPtrArray *entry = cache_entry_parse((const char *)data, size);
    if (!entry) return 0;
    char *text = cache_entry_format(entry);
    GPtrArray *again = cache_entry_parse(text, strlen(text));
    char *same = again ? cache_entry_format(again) : NULL;
    if (!same || strcmp(text, same) != 0) abort();
    g_free(same);
    g_free(text);
    g_ptr_array_unref(again);
    g_ptr_array_unref(entry);
    return 0;
}
