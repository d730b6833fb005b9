#include "console.h"
#include "error.h"
#include "lookup.h"
#include "machine.h"
#include "syscall.h"
#include "tmpfs.h"

/* Linux cuts longer transfers to this: read(2), "NOTES". */
#define TRANSFER_MAX 0x7ffff000ul

static struct description *description_of(u64 n) {
    return (u32)n < current->descriptors_end ? current->descriptors[(u32)n] : NULL;
}

/* What a transfer that stopped early returns: what was done, or the error if that is nothing. */
static i64 partial(u64 done, int error) { return done ? (i64)done : error; }

i64 sys_read(const u64 *x) {
    struct description *from = description_of(x[0]);
    u64 size = x[2] < TRANSFER_MAX ? x[2] : TRANSFER_MAX, done, piece;
    int error = 0;

    if (!from || (from->flags & O_ACCMODE) == O_WRONLY) return -EBADF;
    if (!from->file) return 0;
    for (done = 0; done < size && from->offset < from->file->size; done += piece) {
        u8 *to =
            space_bytes(&current->space, x[1] + done, ACCESS_WRITE, size - done, &piece, &error);
        if (!to) break;
        piece = file_copy(from->file, from->offset, to, piece);
        from->offset += piece;
    }
    return partial(done, error);
}

/* Writes a piece of one page of the file, or of the console. Returns how much of it, 0 when memory
 * is out. */
static u64 write_piece(struct description *to, const u8 *bytes, u64 size) {
    u64 room;
    if (!to->file) {
        console_write(bytes, size);
        return size;
    }
    u8 *at = file_room(to->file, to->offset, &room);
    if (!at) return 0;
    if (size > room) size = room;
    memcpy(at, bytes, size);
    to->offset += size;
    if (to->file->size < to->offset) to->file->size = to->offset;
    return size;
}

i64 sys_write(const u64 *x) {
    struct description *to = description_of(x[0]);
    u64 size = x[2] < TRANSFER_MAX ? x[2] : TRANSFER_MAX, done, piece;
    int error = 0;

    if (!to || !(to->flags & O_ACCMODE)) return -EBADF;
    if (to->file) {
        if (to->flags & O_APPEND) to->offset = to->file->size;
        if (size > 0 && to->offset >= FILE_SIZE_MAX) return -EFBIG;
        if (size > FILE_SIZE_MAX - to->offset) size = FILE_SIZE_MAX - to->offset;
    }
    for (done = 0; done < size; done += piece) {
        const u8 *bytes =
            space_bytes(&current->space, x[1] + done, ACCESS_READ, size - done, &piece, &error);
        if (!bytes) break;
        piece = write_piece(to, bytes, piece);
        if (piece == 0) return partial(done, -ENOSPC);
    }
    return partial(done, error);
}

/* Whether a path may start at directory descriptor `at`: the root is the only folder there is. */
static int check_start(u64 at, uaddr name) {
    enum { AT_FDCWD = -100 };
    char first;
    int error;
    if ((i32)at == AT_FDCWD) return 0;
    error = space_copy(&current->space, name, ACCESS_READ, &first, 1);
    if (error || first == '/') return error;
    return description_of(at) ? -ENOTDIR : -EBADF;
}

/* What openat opens: found, or made. */
static int find_or_create(uaddr name, u32 flags, struct file **file) {
    int error = lookup_user(name, file);
    if (!error && (flags & O_CREAT) && (flags & O_EXCL)) return -EEXIST;
    if (!error && (*file)->is_folder) return -EISDIR;
    if (error == -ENOENT && (flags & O_CREAT) && lookup_path.length > 0)
        return lookup_path.is_folder ? -EISDIR : tmpfs_create(&lookup_path, file);
    return error;
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
    int error = check_start(x[0], x[1]);

    if (error) return error;
    if ((flags & O_ACCMODE) == O_ACCMODE) return -EINVAL;
    if (n < 0) return n;
    error = find_or_create(x[1], flags, &file);
    if (error) return error;
    if (flags & O_DIRECTORY) return -ENOTDIR;
    if (file->runners > 0 && (flags & (O_ACCMODE | O_TRUNC))) return -ETXTBSY;
    struct description *description = description_open(file, flags);
    if (!description) return -ENOMEM;
    if (flags & O_TRUNC) file_clear(file);
    current->descriptors[n] = description;
    if (current->descriptors_end <= (u32)n) current->descriptors_end = (u32)n + 1;
    return n;
}

i64 sys_close(const u64 *x) {
    struct description *description = description_of(x[0]);
    if (!description) return -EBADF;
    current->descriptors[(u32)x[0]] = NULL;
    description_close(description);
    return 0;
}

i64 sys_lseek(const u64 *x) {
    enum { SEEK_SET, SEEK_CUR, SEEK_END };
    struct description *description = description_of(x[0]);
    i64 offset = (i64)x[1], base = 0;

    if (!description) return -EBADF;
    if (!description->file) return -ESPIPE;
    if ((u32)x[2] > SEEK_END) return -EINVAL;
    if ((u32)x[2] != SEEK_SET)
        base = (i64)((u32)x[2] == SEEK_CUR ? description->offset : description->file->size);
    if (offset > 0 && base > 0x7fffffffffffffff - offset) return -EOVERFLOW;
    if (base + offset < 0) return -EINVAL;
    description->offset = (u64)(base + offset);
    return base + offset;
}

i64 sys_unlinkat(const u64 *x) {
    enum { AT_REMOVEDIR = 0x200 };
    struct file *file;
    int error = check_start(x[0], x[1]);
    if (x[2] & ~(u64)AT_REMOVEDIR) return -EINVAL;
    if (!error) error = lookup_user(x[1], &file);
    if (error) return error;
    if (x[2]) return file->is_folder ? -ENOTEMPTY : -ENOTDIR; /* empty folders do not exist */
    if (file->is_folder) return -EISDIR;
    tmpfs_unlink(file);
    return 0;
}
