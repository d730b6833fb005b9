/* Gate files. A gate that parses must also be told apart from one that does not: an error is set
 * exactly when there is no gate. */
#include "gate/gate.h"
#include <stdint.h>
#include <stdlib.h>

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size);

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size) {
    GError *error = NULL;
    Gate *gate = gate_parse("g", "g.gate", "/", (const char *)data, size, &error);
    if (!gate != !!error) abort();
    if (gate) gate_free(gate);
    g_clear_error(&error);
    return 0;
}
