/*
 * The stamp of a file, which every change of its content changes: the system sets the time of
 * change (ctime, inode(7)), and no program can set it back.
 */
#pragma once
#include <glib.h>
#include <sys/stat.h>

typedef struct {
    guint64 device, inode;
    gint64 size, modified_ns, changed_ns;
} FileStamp;

/* Equal to the stamp of no file. */
#define FILE_STAMP_NONE ((FileStamp){.size = -1})

FileStamp file_stamp(const struct stat *status);
gboolean file_stamp_equal(const FileStamp *one, const FileStamp *other);

/* For tables whose keys are stamps. */
guint file_stamp_hash(const FileStamp *stamp);
