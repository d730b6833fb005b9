/* Durations and sizes, as gate files and the command line write them. */
#pragma once
#include <glib.h>

/* A day; more is probably a wrong unit. */
#define QUANTITY_DURATION_MAX_S 86400

#define QUANTITY_DURATION_FORM   "number with ms, s, m or h, at most a day: 500ms, 1.5s, 2m"
#define QUANTITY_SIZE_FORM       "number of bytes, or of K, M or G of 1024: 4096, 512K, 1G"
#define QUANTITY_DURATION_SYNTAX "a " QUANTITY_DURATION_FORM
#define QUANTITY_SIZE_SYNTAX     "a " QUANTITY_SIZE_FORM

/* FALSE if `text` is not valid. */
gboolean quantity_duration(const char *text, gint64 *ret_ns);
gboolean quantity_size(const char *text, guint64 *ret_bytes);
