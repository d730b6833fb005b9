/* What the init of Linux reads: the first byte says which file the rest is, 'r' for run, else argv.
 * Everything lies inside the text and ends there, and what is taken tells all of it. */
#include "settings.h"

#include <stdint.h>
#include <stdlib.h>
#include <string.h>

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size);

enum { WORDS_MAX = 8 };

static void check_run(char *text, size_t size) {
    struct settings settings;
    char *copy = malloc(size + 1);
    if (size) memcpy(copy, text, size);
    if (settings_read(&settings, text, size) == 0) {
        const char *way = settings.to_disk ? "disk\n" : "console\n";
        if (settings.nonce != text || settings.nonce_size + 1 + strlen(way) != size ||
            memcmp(copy, text, settings.nonce_size) != 0 || copy[settings.nonce_size] != '\n' ||
            memcmp(copy + settings.nonce_size + 1, way, strlen(way)) != 0)
            abort();
    }
    free(copy);
}

static void check_argv(char *text, size_t size) {
    char *words[WORDS_MAX + 1];
    long count = settings_arguments(words, WORDS_MAX, text, size);
    size_t ends = 0, at = 0;
    for (size_t i = 0; i < size; i++)
        ends += text[i] == 0;
    int whole = size == 0 || text[size - 1] == 0;
    if (count != (whole && ends <= WORDS_MAX ? (long)ends : -1)) abort();
    for (long i = 0; i < count; i++) {
        if (words[i] != text + at) abort();
        at += strlen(words[i]) + 1;
    }
    if (count >= 0 && (at != size || words[count])) abort();
}

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size) {
    if (size == 0) return 0;
    char *text = malloc(size > 1 ? size - 1 : 1);
    memcpy(text, data + 1, size - 1);
    (data[0] == 'r' ? check_run : check_argv)(text, size - 1);
    free(text);
    return 0;
}
