#include "base/hash.h"

void hash_finish(struct sha256_ctx *hash, char ret_hex[HASH_HEX_SIZE]) {
    guint8 digest[SHA256_DIGEST_SIZE];
    sha256_digest(hash, sizeof digest, digest);
    for (guint i = 0; i < sizeof digest; i++)
        g_snprintf(ret_hex + 2 * i, 3, "%02x", digest[i]);
}

char *hash_bytes(GBytes *bytes) {
    struct sha256_ctx hash;
    gsize size;
    const guint8 *data = g_bytes_get_data(bytes, &size);
    char *hex = g_malloc(HASH_HEX_SIZE);
    sha256_init(&hash);
    sha256_update(&hash, size, data);
    hash_finish(&hash, hex);
    return hex;
}
