/* Two contents of any format: the first two bytes are the size of the first. They differ or they do
 * not, and what is said of them is a sentence. */
#include "differ/bytes.h"
#include "differ/compare.h"
#include <stdint.h>
#include <stdlib.h>
#include <string.h>

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size);

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size) {
    if (size < 2) return 0;
    gsize size_a = MIN((gsize)data[0] << 8 | data[1], size - 2), size_b = size - 2 - size_a;
    /* In memory of their own, so that reads beyond an end are seen. */
    g_autofree guint8 *a = g_memdup2(data + 2, size_a), *b = g_memdup2(data + 2 + size_a, size_b);
    DiffSide side_a = {"A", a ? a : (const guint8 *)"", size_a, FALSE};
    DiffSide side_b = {"B", b ? b : (const guint8 *)"", size_b, FALSE};
    g_autoptr(Diff) diff = compare_contents(&side_a, &side_b, 0);
    gboolean is_equal = size_a == size_b && (!size_a || memcmp(a, b, size_a) == 0);
    if (is_equal != (diff == NULL)) abort();
    if (diff && !*diff->cause) abort();
    return 0;
}
