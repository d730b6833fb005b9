/* What a case was made from, as it is kept below the output folder. */
#include "attempt/ingredients.h"
#include <stdint.h>
#include <stdlib.h>
#include <string.h>

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size);

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size) {
    g_autofree char *text = g_strndup((const char *)data, size);
    g_autoptr(GPtrArray) all = ingredients_parse(text, strlen(text));
    for (guint i = 0; i < all->len; i++) {
        const Ingredient *ingredient = all->pdata[i];
        if (!ingredient->name || !ingredient->value) abort();
        if (!ingredients_find(all, ingredient->name)) abort();
    }
    return 0;
}
