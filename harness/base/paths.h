/* Checks of names that pass between guest and host. */
#pragma once
#include <glib.h>

/* The guest's limit (docs/contract.md): a path of 255 bytes. */
#define GUEST_PATH_MAX 255

/* The folder of a guest on Linux that holds the files of our init until it has read them. */
#define GUEST_OWN_FOLDER ".harness"

/* Why `path` is not a relative path that stays below its folder ("must be relative",
 * "has a component \"..\"", ...), or NULL if it is. */
const char *path_check_relative(const char *path);

/* The same for a guest path, which must be absolute and normal: "/a/b". */
const char *path_check_guest(const char *path);

/* The same for a file that goes into a guest, by a newc archive. */
const char *path_check_input(const char *path);

/* TRUE for the names of gates and cases: letters, digits, "-", "_", "." but not first. */
gboolean path_is_name(const char *name);
