#include "path.h"
#include "abi/errno.h"

/* Adds a component of `size` bytes, which may be none. */
static int add(struct path *path, const char *name, u64 size, path_check *check) {
    int is_parent = size == 2 && name[0] == '.' && name[1] == '.', error = 0;
    if ((is_parent || size > NAME_MAX) && check) error = check(path);
    if (size > NAME_MAX && !error) error = -ENAMETOOLONG;
    path->last = is_parent                     ? PATH_PARENT
                 : size == 1 && name[0] == '.' ? PATH_DOT
                 : size == 0                   ? path->last
                                               : PATH_NAME;
    if (error) path->last = PATH_DOT;
    if (size == 0 || path->last != PATH_NAME) path->is_folder = 1;
    path->has_parent |= is_parent;
    while (is_parent && path->length > 0 && path->text[--path->length] != '/')
        continue;
    if (path->last != PATH_NAME || size == 0) return error;
    if (path->length > 0) path->text[path->length++] = '/';
    while (size-- > 0)
        path->text[path->length++] = *name++;
    return 0;
}

int path_resolve(struct path *path, const char *name, u64 length, path_check *check) {
    u64 at = 0, start;
    path->length = 0;
    path->last = PATH_ROOT;
    path->is_folder = 1;
    path->has_parent = 0;
    if (length == 0) return -ENOENT;
    if (length >= PATH_MAX) return -ENAMETOOLONG;
    while (at < length) {
        for (start = at; at < length && name[at] != '/'; at++)
            continue;
        path->is_folder = at < length;
        int error = add(path, name + start, at - start, check);
        if (error) return error;
        at++; /* the slash */
    }
    path->text[path->length] = 0;
    if (path->length == 0) path->is_folder = 1;
    return 0;
}
