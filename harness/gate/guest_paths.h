/* The files that a guest starts with, by path. Detects conflicting paths. */
#pragma once
#include <glib.h>

typedef struct _GuestPaths GuestPaths;

GuestPaths *guest_paths_new(void);
void guest_paths_free(GuestPaths *paths);

/*
 * Adds the absolute path `path` (path_check_input) for `owner`. If it conflicts with another,
 * returns why, as a continuation of "the guest path ...", to be freed with g_free; then *ret_other
 * is the owner of the other.
 */
char *guest_paths_add(GuestPaths *paths, const char *path, gconstpointer owner,
                      gconstpointer *ret_other);

G_DEFINE_AUTOPTR_CLEANUP_FUNC(GuestPaths, guest_paths_free)
