/* Archives from the guest's disk. */
#include "base/cpio.h"
#include <stdint.h>
#include <string.h>

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size);

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size) {
    CpioReader reader = {data, size, 0};
    CpioEntry entry;
    g_autoptr(GError) error = NULL;
    volatile unsigned sum = 0;
    while (cpio_read(&reader, &entry, &error)) {
        sum += (unsigned)strlen(entry.name);
        for (gsize i = 0; i < entry.size; i++)
            sum += entry.data[i];
    }
    return 0;
}
