/* The plugin that counts: where it is, and whether a QEMU takes it. */
#pragma once
#include <glib.h>

/* Its path: beside this program, or where `make install` puts it. NULL and *error
 * (HARNESS_ERROR_USAGE). Free with g_free. */
char *plugin_find(GError **error);

/* Whether QEMU (a name or a path) loads the plugin. FALSE and *error (HARNESS_ERROR_USAGE). */
gboolean plugin_check(const char *plugin, const char *qemu, GError **error);
