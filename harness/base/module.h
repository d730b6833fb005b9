/*
 * Shared objects of ours that lie beside the program, or where `make install` puts them. What few
 * runs need stands in one where its libraries take longer to load than all else that the program
 * does at its start.
 */
#pragma once
#include <glib.h>

/* The path of `file` for `what`, which needs it. NULL and *error (HARNESS_ERROR_USAGE). Free with
 * g_free. */
char *module_find(const char *file, const char *what, GError **error);

/* What `symbol` of `file` names, for `what`; the object stays loaded. NULL and *error
 * (HARNESS_ERROR_USAGE). Any thread. */
gconstpointer module_load(const char *file, const char *symbol, const char *what, GError **error);
