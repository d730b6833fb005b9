/* What is known of files. Modes, owners and times are not kept: every file may be read, written and
 * run, and to change these asks for no more than that the file is there. */
#include "abi/errno.h"
#include "abi/stat.h"
#include "lookup.h"
#include "syscall.h"
#include "uaccess.h"

STATIC_ASSERT(sizeof(struct stat) == 128, stat_is_linux_s);
/* Of a file, or without one of the console or of what is like /dev/null. */
static int write_stat(const struct file *file, u64 device, uaddr to) {
    struct stat stat = {1, device, S_IFCHR | 0666, 1, .kind = device, .block_size = PAGE_SIZE};
    if (file) {
        stat.number = (u64)file; /* two files never have the same at one time */
        stat.mode = (file->is_folder ? S_IFDIR : S_IFREG) | 0777;
        stat.links = file->is_folder ? 2 : file->is_linked;
        stat.size = (i64)file->size;
        stat.blocks = (stat.size + STAT_BLOCK - 1) / STAT_BLOCK;
    }
    return uaccess_copy(&current->space, to, ACCESS_WRITE, &stat, sizeof stat);
}

i64 sys_fstat(const u64 *x) {
    const struct description *of = process_descriptor(x[0]);
    if (!of) return -EBADF;
    return write_stat(of->file, of->reads ? DEVICE_NULL : DEVICE_CONSOLE, x[1]);
}

i64 sys_newfstatat(const u64 *x) {
    u64 by_descriptor[] = {x[0], x[2]};
    struct file *file;
    char first = 1;
    if ((u32)x[3] & ~(u32)AT_STAT_FLAGS) return -EINVAL;
    if (x[3] & AT_EMPTY_PATH) uaccess_copy(&current->space, x[1], ACCESS_READ, &first, 1);
    if (!first && (i32)x[0] != AT_FDCWD) return sys_fstat(by_descriptor);
    int error = first ? lookup_user(x[0], x[1], &file) : 0;
    return error ? error : write_stat(first ? file : &lookup_root, 0, x[2]);
}

i64 sys_fchmodat(const u64 *x) {
    struct file *file;
    return lookup_user(x[0], x[1], &file);
}

i64 sys_ioctl(const u64 *x) {
    const struct description *of = process_descriptor(x[0]);
    return of && (!of->file || of->seeks) ? -ENOTTY : -EBADF; /* O_PATH is for no use */
}
/* What ioctl would look at has an owner and a mode, if any. */
i64 sys_fchmod(const u64 *x) { return sys_ioctl(x) == -ENOTTY ? 0 : -EBADF; }

/* The root is the only working directory. */
i64 sys_getcwd(const u64 *x) {
    int error = x[1] < 2 ? -ERANGE : uaccess_copy(&current->space, x[0], ACCESS_WRITE, "/", 2);
    return error ? error : 2;
}
