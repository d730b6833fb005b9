/* Memos of hashes: what is accepted says the same when it is written and read again. */
#include "base/hash_memo.h"
#include "base/hash.h"
#include <stdint.h>
#include <stdlib.h>
#include <string.h>

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size);

static void check(const char *text, size_t size) {
    g_autoptr(HashMemo) memo = hash_memo_open(NULL), again = hash_memo_open(NULL);
    if (!hash_memo_parse(memo, text, size)) return;
    g_autofree char *written = hash_memo_format(memo);
    if (!hash_memo_parse(again, written, strlen(written))) abort();
    if (hash_memo_parse(again, written, strlen(written) - 1)) abort();
    g_autofree char *same = hash_memo_format(again);
    if (strlen(same) != strlen(written)) abort();
}

/* The bytes as they are, and as lines between a first and a last one that fit. */
int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size) {
    g_autofree char *exact = g_memdup2(data, size);
    check(exact, size);
    g_autoptr(GString) text = g_string_new("harness-hashes 1\n");
    g_string_append_len(text, (const char *)data, (gssize)size);
    g_autoptr(GBytes) bytes = g_bytes_new(text->str, text->len);
    g_autofree char *hash = hash_bytes(bytes);
    g_string_append_printf(text, "end %s\n", hash);
    check(text->str, text->len);
    return 0;
}
