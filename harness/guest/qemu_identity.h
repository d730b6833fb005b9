/*
 * The identity of a QEMU, for the cache key: the program, the libraries that its loader finds
 * for it, its modules, and the files in its folders of firmware, each with its hash.
 */
#pragma once
#include "base/hash_memo.h"

/*
 * A text that changes with any of these. The identity of a program is determined once in a process.
 * NULL and *error if it cannot be determined: a script may start anything.
 */
const char *qemu_identity(const char *qemu, HashMemo *memo, GError **error);

/* The same for a program that makes images, which has no firmware. */
const char *qemu_identity_tool(const char *tool, HashMemo *memo, GError **error);
