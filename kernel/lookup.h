/* Path names of system calls. */
#pragma once

#include "path.h"
#include "process.h"

/* The path last resolved by the two functions below. */
extern struct path lookup_path;

/* Resolves the current process's string at `name`. 0, -EFAULT, -ENOMEM, -ENOENT, -ENAMETOOLONG. */
int lookup_name(uaddr name);
/* The same and finds what has the name; -ENOENT or -ENOTDIR if nothing has, -EISDIR for the
 * root. A name that can only be a folder's finds no file. */
int lookup_user(uaddr name, struct file **file);
