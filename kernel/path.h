/* Path names: path_resolution(7), with folders that exist as prefixes of files only. */
#pragma once

#include "types.h"

/* As on Linux: PATH_MAX counts the NUL, NAME_MAX does not. */
#define PATH_MAX 4096
#define NAME_MAX 255

/* What the last component is: a name, or none at all (the root), or . or .. */
enum path_last { PATH_NAME, PATH_ROOT, PATH_DOT, PATH_PARENT };

struct path {
    u32 length;
    enum path_last last;
    int is_folder;       /* ends in / or /. or /.. or names the root, so it can be no file */
    int has_parent;      /* had a component .. */
    char text[PATH_MAX]; /* "a/b": no leading, double or trailing slash, no . or ..; has a NUL */
};

/* Says whether the path so far is a folder: 0, or the error of one that is not. */
typedef int path_check(const struct path *path);

/* Resolves `length` bytes of name: relative ones start at the root, and .. of the root is the root.
 * `check`, unless it is NULL, is asked where the answer hangs on what is there: before .. and
 * before a name that is too long. Returns 0, its error, -ENOENT for an empty name, or
 * -ENAMETOOLONG. */
int path_resolve(struct path *path, const char *name, u64 length, path_check *check);
