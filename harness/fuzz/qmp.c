/* QMP bytes: the first byte is the size of the pieces in which they come. */
#include "guest/qmp.h"
#include <stdint.h>

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size);

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size) {
    if (size == 0) return 0;
    size_t piece = data[0] ? data[0] : size;
    g_autoptr(Qmp) qmp = qmp_new();
    g_autoptr(GError) error = NULL;
    for (size_t at = 1; at < size && !error; at += piece) {
        QmpMessage message;
        qmp_push(qmp, data + at, piece < size - at ? piece : size - at);
        while (qmp_pull(qmp, &message, &error))
            qmp_message_clear(&message);
    }
    return 0;
}
