/* readv and writev: read and write, once for each piece. */
#include "abi/errno.h"
#include "process.h"
#include "syscall.h"
#include "uaccess.h"

#define UIO_MAXIOV 1024 /* Linux: include/uapi/linux/uio.h */

static struct iovec {
    u64 base, size;
} pieces[UIO_MAXIOV]; /* a copy, since they may be read over */

/* Takes the pieces and checks them all before any is moved, as Linux does. Returns their size
 * together, at most TRANSFER_MAX, or the error. */
static i64 take(uaddr from, u64 count) {
    u64 n, size = 0;
    int error = uaccess_copy(&current->space, from, ACCESS_READ, pieces, count * sizeof *pieces);
    if (error) return error;
    for (n = 0; n < count; n++) {
        struct iovec *piece = &pieces[n];
        if ((i64)piece->size < 0) return -EINVAL;
        if (piece->size > ADDRESS_END || piece->base > ADDRESS_END - piece->size) error = -EFAULT;
        if (piece->size > TRANSFER_MAX - size) piece->size = TRANSFER_MAX - size;
        size += piece->size;
    }
    return error ? error : (i64)size;
}

static i64 transfer(const u64 *x, i64 (*call)(const u64 *x)) {
    const struct description *description = process_descriptor(x[0]);
    u64 nothing[] = {x[0], 0, 0};
    u32 n, count = (u32)x[2]; /* as Linux: import_iovec */
    i64 done = 0;
    if (!description) return -EBADF;
    if (count > UIO_MAXIOV) return -EINVAL;
    i64 size = take(x[1], count);
    if (size >= 0 && call(nothing) < 0) size = -EBADF; /* it is not open for this */
    if (size <= 0) return size;
    if ((i64)(description->offset + (u64)size) < 0) return -EINVAL;
    for (n = 0; n < count; n++) {
        u64 piece[] = {x[0], pieces[n].base, pieces[n].size};
        i64 moved = piece[2] ? call(piece) : 0;
        if (moved < 0) return done ? done : moved;
        done += moved;
        if ((u64)moved < piece[2]) break;
    }
    return done;
}

i64 sys_readv(const u64 *x) { return transfer(x, sys_read); }
i64 sys_writev(const u64 *x) { return transfer(x, sys_write); }
