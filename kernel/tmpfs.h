/*
 * Names of files. A hash table that doubles; folders stand in it too, with a count of the files
 * below them, so that a name is never a file and a folder at once.
 */
#pragma once

#include "file.h"
#include "path.h"

/* The file or folder with this name, or NULL. */
struct file *tmpfs_find(const struct path *path);
/* -ENOTDIR if a file stands where the name, which was not found, needs a folder; else -ENOENT. */
int tmpfs_why_missing(const struct path *path);
/* Makes an empty file; the name must not exist. Returns 0, -ENOTDIR, or -ENOSPC. */
int tmpfs_create(const struct path *path, struct file **file);
/* Takes its name away. It goes when nothing uses it any more. */
void tmpfs_unlink(struct file *file);
/* One user less (file->users): frees a file without name and users. */
void tmpfs_release(struct file *file);

/* The files in the order of their making: the first one, then file->newer. */
struct file *tmpfs_first(void);
u64 tmpfs_count(void);
/* Frees everything, names and contents; nothing may be in use. */
void tmpfs_free_all(void);
