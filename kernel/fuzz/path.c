/* Path names: a resolved one has no empty, . or .. component, is no longer than it may be, and
 * resolves to itself. */
#include "path.h"

#include <stdint.h>
#include <stdlib.h>
#include <string.h>

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size);

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size) {
    static struct path path, again;
    if (path_resolve(&path, (const char *)data, size, NULL)) return 0;
    if (path.length >= PATH_MAX || path.text[path.length] != 0) abort();
    if (path.length == 0) {
        if (!path.is_folder) abort();
        return 0;
    }
    if (path.text[0] == '/' || path.text[path.length - 1] == '/') abort();
    if (path_resolve(&again, path.text, path.length, NULL) || again.length != path.length ||
        memcmp(again.text, path.text, path.length) || again.has_parent || again.is_folder)
        abort();
    return 0;
}
