/* The command line reader: words are in order, inside the text, without white space, and together
 * hold every byte that is not white space or a reserved prefix. */
#include "bootargs.h"

#include <stdint.h>
#include <stdlib.h>
#include <string.h>

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size);

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size) {
    const char *text = (const char *)data, *after = text;
    struct bootargs_word word;
    enum bootargs_kind kind;
    u64 offset = 0;
    while ((kind = bootargs_next(text, size, &offset, &word)) != BOOTARGS_END) {
        const char *start = word.text - (kind == BOOTARGS_NONCE ? strlen("nonce=") : 0);
        if (start < after || word.length == 0 || word.text + word.length != text + offset ||
            offset > size)
            abort();
        for (; after < start; after++)
            if (!strchr(" \t\n\v\f\r", *after) || *after == 0) abort();
        for (u64 i = 0; i < word.length; i++)
            if (word.text[i] && strchr(" \t\n\v\f\r", word.text[i])) abort();
        after = word.text + word.length;
    }
    if (offset != size) abort();
    return 0;
}
