/* Errors of the command line. */
#pragma once
#include <glib.h>

/* Sets *error to HARNESS_ERROR_USAGE; always returns FALSE. */
gboolean usage_error(GError **error, const char *format, ...) G_GNUC_PRINTF(2, 3);

/* The same for a word that is not in `known` (which ends with NULL): `what` says what is accepted;
 * the message suggests the nearest known word. */
gboolean usage_unknown(GError **error, const char *what, const char *word,
                       const char *const *known);
