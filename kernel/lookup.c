#include "lookup.h"
#include "abi/errno.h"
#include "tmpfs.h"
#include "uaccess.h"

struct path lookup_path;

struct file lookup_root = {.is_folder = 1};

static int find(const struct path *path, int is_folder, struct file **found) {
    *found = path->length ? tmpfs_find(path) : &lookup_root;
    if (!*found) return tmpfs_why_missing(path);
    return is_folder && !(*found)->is_folder ? -ENOTDIR : 0;
}

/* Whether there is a folder where the path goes on. */
static int check_folder(const struct path *path) {
    struct file *file;
    return find(path, 1, &file);
}

int lookup_user(u64 folder, uaddr name, struct file **found) {
    static char text[PATH_MAX];
    i64 length = uaccess_string(&current->space, name, sizeof text);
    if (length < 0) return (int)length;
    if (length == sizeof text) return -ENAMETOOLONG;
    int error = uaccess_copy(&current->space, name, ACCESS_READ, text, (u64)length);
    if (error) return error;
    /* The root is the only folder that a descriptor can stand for: AT_FDCWD. */
    if (length > 0 && text[0] != '/' && (i32)folder != AT_FDCWD)
        return process_descriptor(folder) ? -ENOTDIR : -EBADF;
    error = path_resolve(&lookup_path, text, (u64)length, check_folder);
    return error ? error : find(&lookup_path, lookup_path.is_folder, found);
}
