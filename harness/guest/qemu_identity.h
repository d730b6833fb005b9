/*
 * What a QEMU consists of, for the cache's key: the program, the libraries that its loader finds
 * for it, and the files in its folders of firmware. They are large: name, size and time of change
 * stand for the content.
 */
#pragma once
#include <glib.h>

/*
 * A text that is another one when any of that has changed; the identity of a program is found out
 * once in a process. NULL and *error when it cannot be known: a script may start anything.
 */
const char *qemu_identity(const char *qemu, GError **error);
