/* Path names of system calls. */
#pragma once

#include "path.h"
#include "process.h"

/* The path last resolved by the function below. */
extern struct path lookup_path;

/* Resolves the current process's string at `name` and finds what has that name: 0, -EFAULT,
 * -ENOMEM, -ENAMETOOLONG; -ENOENT or -ENOTDIR if nothing has, -EISDIR for the root. A name that can
 * only be a folder's finds no file. */
int lookup_user(uaddr name, struct file **file);
