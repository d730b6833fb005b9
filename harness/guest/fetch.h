/* The files of the driver "linux", which are fetched and built on first use. */
#pragma once
#include <glib.h>

/*
 * Makes sure that the kernel, its modules and our init are below `root`. If they are missing and
 * `root` is a source tree, runs `make linux` there, with a message on standard error; it fetches
 * Debian's kernel once. FALSE and *error with what to do if they are not available.
 */
gboolean fetch_linux(const char *root, GError **error);
