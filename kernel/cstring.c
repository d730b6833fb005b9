#include "cstring.h"

u64 cstring_length(const char *text) {
    u64 length = 0;
    while (text[length])
        length++;
    return length;
}

u64 cstring_span(const char *text, u64 limit, char stop) {
    u64 length = 0;
    while (length < limit && text[length] != stop)
        length++;
    return length;
}

int cstring_same(const char *a, const char *b) {
    for (; *a && *a == *b; a++, b++)
        continue;
    return *a == *b;
}

int cstring_equal(const char *a, const char *b, u64 size) {
    for (; size && *a == *b; a++, b++, size--)
        continue;
    return size == 0;
}
