#include "bootargs.h"
#include "cstring.h"

static int is_space(char byte) { return byte == ' ' || (byte >= '\t' && byte <= '\r'); }

static int is_hex(char byte) {
    return (byte >= '0' && byte <= '9') || (byte >= 'a' && byte <= 'f') ||
           (byte >= 'A' && byte <= 'F');
}

static int word_is(const struct bootargs_word *word, const char *want) {
    u64 length = cstring_length(want);
    return word->length == length && cstring_equal(word->text, want, length);
}

enum bootargs_kind bootargs_next(const char *text, u64 size, u64 *offset,
                                 struct bootargs_word *word) {
    static const char nonce[] = "nonce=";
    u64 prefix = sizeof nonce - 1, i;

    while (*offset < size && is_space(text[*offset]))
        ++*offset;
    u64 start = *offset;
    while (*offset < size && !is_space(text[*offset]))
        ++*offset;
    word->text = text + start;
    word->length = *offset - start;
    if (word->length == 0) return BOOTARGS_END;
    if (word_is(word, "dumpfs")) return BOOTARGS_DUMPFS;
    if (word_is(word, "spawnlog")) return BOOTARGS_SPAWNLOG;
    if (word->length <= prefix || !cstring_equal(word->text, nonce, prefix)) return BOOTARGS_WORD;
    for (i = prefix; i < word->length; i++)
        if (!is_hex(word->text[i])) return BOOTARGS_WORD;
    word->text += prefix;
    word->length -= prefix;
    return BOOTARGS_NONCE;
}
