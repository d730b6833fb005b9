/* SHA-256 (FIPS 180-4) by nettle, which uses the CPU's instructions for it: four times as fast as
 * GChecksum, and files of a run are hashed while the guest waits. */
#pragma once
#include <glib.h>
#include <nettle/sha2.h>

/* 64 lower-case digits and a NUL. */
#define HASH_HEX_SIZE (2 * SHA256_DIGEST_SIZE + 1)

/* The hash of everything passed to nettle's sha256_update; resets `hash`. */
void hash_finish(struct sha256_ctx *hash, char ret_hex[HASH_HEX_SIZE]);

/* The hash of `bytes`; free with g_free. */
char *hash_bytes(GBytes *bytes);
