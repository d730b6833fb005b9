/* What addr2line prints, which has names out of the guest's kernel: a line for each address, or
 * none at all. */
#include "guest/symbols.h"
#include <stdint.h>
#include <stdlib.h>
#include <string.h>

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size);

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size) {
    if (size == 0) return 0;
    guint count = data[0] % 8;
    g_autofree char *text = g_strndup((const char *)data + 1, size - 1);
    g_auto(GStrv) lines = symbols_parse(text, count);
    if (lines && g_strv_length(lines) != count) abort();
    for (char **line = lines; line && *line; line++)
        if (strchr(*line, '\n') || (g_str_has_prefix(*line, "??") && strlen(*line) != 2)) abort();
    return 0;
}
