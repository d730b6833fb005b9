/*
 * The key of a result: the hash of everything that can change it, which is the case, its input
 * bytes and expectations, the kernel, QEMU, the driver, options and this program.
 */
#pragma once
#include "base/hash_memo.h"
#include "gate/inputs.h"
#include "guest/boot.h"

typedef struct {
    const Boot *boot;
    const char *qemu;
    gboolean icount;
    const char *accelerator;
    double timeout_factor; /* 0: none */
    const Inputs *inputs;
    const GPtrArray *expected;           /* of ExpectedFile (verdict.h) */
    const GHashTable *counterpart_files; /* as in AttemptSubject, or NULL */
} CacheSubject;

/* Everything that is hashed, a line for each: "NAME NUMBER" or "NAME LENGTH:TEXT" (ingredients.h).
 * Free with g_free; NULL and *error if something cannot be read. */
char *cache_key_text(HashMemo *memo, const CacheSubject *subject, GError **error);

/* The key: the hash of that text. Free with g_free. */
char *cache_key(const char *text);
