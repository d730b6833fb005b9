#include "abi/errno.h"
#include "console.h"
#include "lookup.h"
#include "machine.h"
#include "syscall.h"
#include "tmpfs.h"
#include "uaccess.h"

/* What Linux asks of a transfer before anything else: a buffer that ends where user addresses do,
 * and no offset beyond 2^63 - 1, whatever will be moved. */
static int check_transfer(const struct description *description, const u64 *x) {
    if (x[2] > ADDRESS_END || x[1] > ADDRESS_END - x[2]) return -EFAULT;
    return (i64)(description->offset + x[2]) < 0 ? -EINVAL : 0;
}

/* What a transfer that stopped early returns: what was done, or the error if that is nothing. */
static i64 partial(u64 done, int error) { return done ? (i64)done : error; }

i64 sys_read(const u64 *x) {
    struct description *from = process_descriptor(x[0]);
    u64 size = x[2] < TRANSFER_MAX ? x[2] : TRANSFER_MAX, done, piece;

    if (!from || !from->reads) return -EBADF;
    int error = check_transfer(from, x);
    if (error) return error;
    if (!from->file) return 0;
    for (done = 0; done < size && from->offset < from->file->size; done += piece) {
        u8 *to =
            uaccess_bytes(&current->space, x[1] + done, ACCESS_WRITE, size - done, &piece, &error);
        if (!to) break;
        piece = file_copy(from->file, from->offset, to, piece);
        from->offset += piece;
    }
    return partial(done, error);
}

/* Writes a piece of one page of the file at `offset`, or of the console. Returns how much of it, 0
 * when memory is out. */
static u64 write_piece(struct file *file, u64 offset, const u8 *bytes, u64 size) {
    u64 room;
    if (!file) {
        console_write(bytes, size);
        return size;
    }
    u8 *at = file_room(file, offset, &room);
    if (!at) return 0;
    if (size > room) size = room;
    memcpy(at, bytes, size);
    if (file->size < offset + size) file->size = offset + size;
    return size;
}

i64 sys_write(const u64 *x) {
    struct description *to = process_descriptor(x[0]);
    u64 size = x[2] < TRANSFER_MAX ? x[2] : TRANSFER_MAX, done, piece, offset;

    if (!to || !to->writes) return -EBADF;
    int error = check_transfer(to, x);
    if (error || size == 0) return error;
    offset = to->offset;
    if (to->file) {
        if (to->appends) offset = to->file->size;
        if (offset >= FILE_SIZE_MAX) return -EFBIG;
        if (size > FILE_SIZE_MAX - offset) size = FILE_SIZE_MAX - offset;
    }
    for (done = 0; !error && done < size; done += piece) {
        const u8 *bytes =
            uaccess_bytes(&current->space, x[1] + done, ACCESS_READ, size - done, &piece, &error);
        if (!bytes) break;
        piece = write_piece(to->file, offset + done, bytes, piece);
        if (piece == 0) error = -ENOSPC;
    }
    if (done) to->offset = offset + done;
    return partial(done, error);
}

/* What openat opens: found, or made. */
static int find_or_create(const u64 *x, u32 flags, struct file **file) {
    const struct path *path = &lookup_path;
    *file = NULL;
    int error = lookup_user(x[0], x[1], file);
    /* A name with a slash behind it cannot be made a file, whether there is one or none. */
    if ((flags & O_CREAT) && path->last == PATH_NAME && path->is_folder &&
        (*file || error == -ENOENT))
        return -EISDIR;
    if (!error && (flags & O_CREAT) && (flags & O_EXCL)) return -EEXIST;
    if (!error && (*file)->is_folder) return -EISDIR;
    if (error == -ENOENT && (flags & O_CREAT) && path->last == PATH_NAME && path->length > 0)
        return tmpfs_create(path, file);
    return error;
}

/* Whether the file can be opened so. */
static int check_file(const struct file *file, u32 flags) {
    u32 mode = flags & O_ACCMODE;
    if (flags & O_DIRECTORY) return -ENOTDIR;
    if (file->runners > 0 && (mode == O_WRONLY || mode == O_RDWR)) return -ETXTBSY;
    if (flags & O_DIRECT) return -EINVAL; /* as on Linux's ramfs */
    return file->runners > 0 && (flags & O_TRUNC) ? -ETXTBSY : 0;
}

static i64 free_descriptor(void) {
    u32 n = 0;
    while (n < current->descriptors_end && current->descriptors[n])
        n++;
    return n < DESCRIPTORS_MAX ? (i64)n : -EMFILE;
}

i64 sys_openat(const u64 *x) {
    u32 flags = (u32)x[2];
    struct file *file;
    i64 n = free_descriptor();

    if (flags & O_PATH) flags &= O_PATH | O_DIRECTORY; /* build_open_flags */
    if ((flags & O_CREAT) && (flags & O_DIRECTORY)) return -EINVAL;
    if ((flags & O_TMPFILE) && !((flags & O_DIRECTORY) && (flags & O_ACCMODE))) return -EINVAL;
    if (n < 0) return n;
    int error = find_or_create(x, flags, &file);
    if (!error) error = check_file(file, flags);
    if (error) return error;
    struct description *description = description_open(file, flags);
    if (!description) return -ENOMEM;
    if (flags & O_TRUNC) file_clear(file);
    current->descriptors[n] = description;
    if (current->descriptors_end <= (u32)n) current->descriptors_end = (u32)n + 1;
    return n;
}

i64 sys_close(const u64 *x) {
    struct description *description = process_descriptor(x[0]);
    if (!description) return -EBADF;
    current->descriptors[(u32)x[0]] = NULL;
    description_close(description);
    return 0;
}

/* As Linux's generic_file_llseek: additions wrap, and what is negative then is EINVAL. All of a
 * file is data, with a hole at its end. */
i64 sys_lseek(const u64 *x) {
    struct description *description = process_descriptor(x[0]);
    u64 offset = x[1];
    u32 whence = (u32)x[2];

    if (!description || (description->file && !description->seeks)) return -EBADF;
    if (whence > SEEK_HOLE) return -EINVAL;
    if (!description->file) return description->seeks ? 0 : -ESPIPE;
    if (whence >= SEEK_DATA && offset >= description->file->size) return -ENXIO;
    if (whence == SEEK_CUR) offset += description->offset;
    if (whence == SEEK_END) offset += description->file->size;
    if (whence == SEEK_HOLE) offset = description->file->size;
    if ((i64)offset < 0) return -EINVAL;
    description->offset = offset;
    return (i64)offset;
}

i64 sys_unlinkat(const u64 *x) {
    struct file *file;
    u32 flags = (u32)x[2];
    if (flags & ~(u32)AT_REMOVEDIR) return -EINVAL;
    int error = lookup_user(x[0], x[1], &file);
    if (error) return error;
    /* Folders that are empty do not exist. */
    if (flags && lookup_path.last == PATH_ROOT) return -EBUSY;
    if (flags && lookup_path.last == PATH_DOT) return -EINVAL;
    if (flags) return file->is_folder ? -ENOTEMPTY : -ENOTDIR;
    if (file->is_folder) return -EISDIR;
    tmpfs_unlink(file);
    return 0;
}
