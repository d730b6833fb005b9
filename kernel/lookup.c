#include "lookup.h"
#include "error.h"
#include "tmpfs.h"

struct path lookup_path;

int lookup_user(uaddr name, struct file **found) {
    static char text[PATH_MAX];
    i64 length = space_string(&current->space, name, sizeof text);
    if (length < 0) return (int)length;
    if (length == sizeof text) return -ENAMETOOLONG;
    int error = space_copy(&current->space, name, ACCESS_READ, text, (u64)length);
    if (!error) error = path_resolve(&lookup_path, text, (u64)length);
    if (error) return error;
    if (lookup_path.length == 0) return -EISDIR; /* the root */
    struct file *file = tmpfs_find(&lookup_path);
    if (!file) return tmpfs_why_missing(&lookup_path);
    if (lookup_path.is_folder && !file->is_folder) return -ENOTDIR;
    *found = file;
    return 0;
}
