#include "settings.h"

/* The end of the line or argument that begins at `at`; `size` where there is none. */
static u64 find(const char *text, u64 size, u64 at, char end) {
    while (at < size && text[at] != end)
        at++;
    return at;
}

static int equals(const char *text, u64 size, const char *word) {
    u64 i = 0;
    while (i < size && word[i] && text[i] == word[i])
        i++;
    return i == size && !word[i];
}

int settings_read(struct settings *settings, char *text, u64 size) {
    u64 first = find(text, size, 0, '\n'), second = find(text, size, first + 1, '\n');
    if (first >= size || second >= size || second + 1 != size) return -1;
    settings->to_disk = equals(text + first + 1, second - first - 1, "disk");
    if (!settings->to_disk && !equals(text + first + 1, second - first - 1, "console")) return -1;
    text[first] = 0;
    settings->nonce = text;
    settings->nonce_size = first;
    return 0;
}

long settings_arguments(char **words, u64 max, char *text, u64 size) {
    u64 count = 0;
    for (u64 at = 0, end; at < size; at = end + 1) {
        end = find(text, size, at, 0);
        if (end == size || count == max) return -1;
        words[count++] = text + at;
    }
    words[count] = 0;
    return (long)count;
}
