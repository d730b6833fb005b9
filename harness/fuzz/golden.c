/* Golden files: an error is set exactly when nothing is returned. */
#include "gate/golden.h"
#include <stdint.h>
#include <stdlib.h>

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size);

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size) {
    GError *error = NULL;
    DiagFile file = {"g", (const char *)data, size};
    Golden *golden = golden_parse(&file, &error);
    if (!golden != !!error) abort();
    if (golden) golden_free(golden);
    g_clear_error(&error);
    return 0;
}
