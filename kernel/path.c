#include "path.h"
#include "error.h"

int path_resolve(struct path *path, const char *name, u64 length) {
    u64 at = 0;
    path->length = 0;
    path->is_folder = 1;
    path->has_parent = 0;
    if (length == 0) return -ENOENT;
    if (length >= PATH_MAX) return -ENAMETOOLONG;
    while (at < length) {
        u64 start = at, size;
        while (at < length && name[at] != '/')
            at++;
        size = at - start;
        path->is_folder = at < length;
        at++; /* the slash */
        if (size == 0 || (size == 1 && name[start] == '.')) {
            path->is_folder = 1;
            continue;
        }
        if (size == 2 && name[start] == '.' && name[start + 1] == '.') {
            path->is_folder = path->has_parent = 1;
            while (path->length > 0 && path->text[--path->length] != '/')
                continue;
            continue;
        }
        if (size > NAME_MAX) return -ENAMETOOLONG;
        if (path->length > 0) path->text[path->length++] = '/';
        while (size-- > 0)
            path->text[path->length++] = name[start++];
    }
    path->text[path->length] = 0;
    if (path->length == 0) path->is_folder = 1;
    return 0;
}
