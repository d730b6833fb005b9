#include "base/file_stamp.h"

#define NS_PER_S G_GINT64_CONSTANT(1000000000)

static gint64 in_ns(struct timespec time) { return time.tv_sec * NS_PER_S + time.tv_nsec; }

FileStamp file_stamp(const struct stat *status) {
    return (FileStamp){status->st_dev, status->st_ino, status->st_size, in_ns(status->st_mtim),
                       in_ns(status->st_ctim)};
}

gboolean file_stamp_equal(const FileStamp *one, const FileStamp *other) {
    return one->device == other->device && one->inode == other->inode && one->size == other->size &&
           one->modified_ns == other->modified_ns && one->changed_ns == other->changed_ns;
}

guint file_stamp_hash(const FileStamp *stamp) {
    guint64 mixed = stamp->inode * G_GUINT64_CONSTANT(0x9e3779b97f4a7c15) ^
                    (guint64)stamp->changed_ns ^ stamp->device;
    return (guint)(mixed ^ mixed >> 32);
}
