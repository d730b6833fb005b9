/* What the driver "linux" starts, which is fetched and built when it is first asked for. */
#pragma once
#include <glib.h>

/*
 * Makes sure that the kernel, its modules and our init are below `root`: where they are not, and
 * `root` is a tree of our sources, `make linux` is run there, which is said on standard error and
 * fetches Debian's kernel once. FALSE and *error with what to do when they cannot be had.
 */
gboolean fetch_linux(const char *root, GError **error);
