/* Reads the file that the plugin counts into (counters_format.h). */
#pragma once
#include "coverage/counters_format.h"
#include <glib.h>

typedef struct {
    GBytes *bytes;
    const struct counters_entry *entries; /* in `bytes` */
    gsize n;
    guint64 dropped; /* instructions that found no room */
} Counters;

/* Takes `bytes` over. NULL and *error (HARNESS_ERROR_PROTOCOL) if they are no such file. */
Counters *counters_parse(GBytes *bytes, GError **error);

/* Copies what is used of the file `fd`, whose writer has ended. NULL and *error. */
Counters *counters_load(int fd, GError **error);
void counters_free(Counters *counters);

G_DEFINE_AUTOPTR_CLEANUP_FUNC(Counters, counters_free)
