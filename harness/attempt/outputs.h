/*
 * The files that a case leaves behind, as they arrive: hashed while they stream into files that
 * have no name, so that a harness that is killed leaves nothing behind, and linked below the
 * output folder only when they are whole.
 */
#pragma once
#include <glib.h>

typedef struct _Outputs Outputs;

/* Creates or empties `folder` and writes only below it; with NULL files are hashed but not kept.
 * NULL and *error on failure. */
Outputs *outputs_new(const char *folder, GError **error);

/* A file that is not ended is dropped. */
void outputs_free(Outputs *outputs);

/* Begins the guest file `guest_path`; a name that is unsafe as a host path is an error. */
gboolean outputs_begin(Outputs *outputs, const char *guest_path, GError **error);
gboolean outputs_data(Outputs *outputs, const guint8 *data, gsize length, GError **error);

/* The hash of the file, as lower-case hex; valid until the next begin. */
const char *outputs_sha256(Outputs *outputs);

/* Gives the file its name. A repeated name is an error. */
gboolean outputs_publish(Outputs *outputs, GError **error);

/* Drops the current file. */
void outputs_drop(Outputs *outputs);

G_DEFINE_AUTOPTR_CLEANUP_FUNC(Outputs, outputs_free)
