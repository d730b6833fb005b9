/*
 * The identity of a QEMU, for the cache key: the program, the libraries that its loader finds
 * for it, and the files in its folders of firmware. They are large: name, size and time of change
 * stand for the content.
 */
#pragma once
#include <glib.h>

/*
 * A text that changes with any of these. The identity of a program is determined once in a process.
 * NULL and *error if it cannot be determined: a script may start anything.
 */
const char *qemu_identity(const char *qemu, GError **error);
