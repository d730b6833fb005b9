/* Names that cross the border between guest and host. */
#pragma once
#include <glib.h>

/* The guest's limit (docs/contract.md): a path of 255 bytes. */
#define GUEST_PATH_MAX 255

/* The folder of a guest on Linux that holds what our init needs, until it has read it. */
#define GUEST_OWN_FOLDER ".harness"

/* What is wrong with `path` as a relative path that must stay below its folder ("is absolute",
 * "has a component \"..\"", ...), or NULL when nothing is. */
const char *path_check_relative(const char *path);

/* The same for a guest path, which must be absolute and normal: "/a/b". */
const char *path_check_guest(const char *path);

/* The same for a file that goes into a guest, by a newc archive. */
const char *path_check_input(const char *path);

/* TRUE for the names of gates and cases: letters, digits, "-", "_", "." but not first. */
gboolean path_is_name(const char *name);
