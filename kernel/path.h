/* Path names: path_resolution(7), with folders that exist as prefixes of files only. */
#pragma once

#include "types.h"

/* As on Linux: PATH_MAX counts the NUL, NAME_MAX does not. */
#define PATH_MAX 4096
#define NAME_MAX 255

struct path {
    u32 length;
    int is_folder;       /* ends in / or /. or /.. or names the root, so it can be no file */
    int has_parent;      /* had a component .. */
    char text[PATH_MAX]; /* "a/b": no leading, double or trailing slash, no . or ..; has a NUL */
};

/* Resolves `length` bytes of name: relative ones start at the root, and .. of the root is the root.
 * Returns 0, -ENOENT for an empty name, or -ENAMETOOLONG. */
int path_resolve(struct path *path, const char *name, u64 length);
