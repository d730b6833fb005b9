/* Entries of the cache: what is accepted says the same when it is written and read again. */
#include "attempt/cache_entry.h"
#include "base/hash.h"
#include <stdint.h>
#include <stdlib.h>
#include <string.h>

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size);

static void check(const char *text, size_t size) {
    CacheEntry *entry = cache_entry_parse(text, size, "key");
    if (!entry) return;
    char *written = cache_entry_format(entry, "key");
    CacheEntry *again = cache_entry_parse(written, strlen(written), "key");
    char *same = again ? cache_entry_format(again, "key") : NULL;
    if (!same || strcmp(written, same) != 0) abort();
    if (cache_entry_parse(written, strlen(written), "yek")) abort();
    g_free(same);
    g_free(written);
    cache_entry_free(again);
    cache_entry_free(entry);
}

/* The bytes as they are, and as lines between those that fit before and after them. */
int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size) {
    check((const char *)data, size);
    GString *text = g_string_new("harness-cache 3 key\n");
    if (size > 0 && (*data == 'k' || *data == 'i'))
        g_string_append(text, "case boot0/catm\nproved 1795820000 a-run\n");
    g_string_append_len(text, (const char *)data, (gssize)size);
    GBytes *bytes = g_bytes_new(text->str, text->len);
    char *hash = hash_bytes(bytes);
    g_string_append_printf(text, "end %s\n", hash);
    check(text->str, text->len);
    g_free(hash);
    g_bytes_unref(bytes);
    g_string_free(text, TRUE);
    return 0;
}
