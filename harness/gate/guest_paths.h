/* The files that a guest starts with, by path: no two may want the same place. */
#pragma once
#include <glib.h>

typedef struct _GuestPaths GuestPaths;

GuestPaths *guest_paths_new(void);
void guest_paths_free(GuestPaths *paths);

/*
 * Adds the file `path`, an absolute one (path_check_input), for `owner`. Where it cannot be beside
 * those that are there, returns why, as "the guest path ..." goes on, to be freed with g_free; then
 * *ret_other is the owner of the one in its way.
 */
char *guest_paths_add(GuestPaths *paths, const char *path, gconstpointer owner,
                      gconstpointer *ret_other);

G_DEFINE_AUTOPTR_CLEANUP_FUNC(GuestPaths, guest_paths_free)
