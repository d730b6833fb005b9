/* Path names of system calls. */
#pragma once

#include "path.h"
#include "process.h"

/* The path last resolved by the function below. */
extern struct path lookup_path;

/* The root, which has no name. */
extern struct file lookup_root;

/* Resolves the current process's string at `name`, relative to descriptor `folder`, and finds what
 * has that name, which may be a folder: 0, -EFAULT, -ENOMEM, -ENAMETOOLONG, -EBADF; -ENOENT or
 * -ENOTDIR if nothing has. A name that can only be a folder's finds no file. */
int lookup_user(u64 folder, uaddr name, struct file **file);
