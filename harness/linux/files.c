#include "files.h"
#include "cpio.h"
#include "port.h"

enum { PATH_SIZE = 4096, SECTOR = 512 };

typedef struct {
    void (*file)(const char *path, int fd, u64 size);
    u64 count;
} Visit;

static u8 bytes[1 << 20]; /* of a file; of the archive before it is written */

static u64 read_whole(int fd, const char *path, u8 *to, u64 size) {
    u64 done = 0;
    while (done < size) {
        long got = syscall(SYS_READ, fd, to + done, size - done);
        if (got <= 0) give_up("a file has become shorter", path, got);
        done += (u64)got;
    }
    return done;
}

/* Calls visit->file for each regular file below the folder `path` of `length` bytes; a buffer of
 * PATH_SIZE bytes, which is changed and given back. */
static void walk(Visit *visit, char *path, u64 length) {
    enum { TYPE_FOLDER = 4, TYPE_FILE = 8 }; /* DT_DIR, DT_REG */
    u64 names[1024];
    struct file_status status;
    long got;
    int folder =
        (int)syscall(SYS_OPENAT, AT_FDCWD, length ? path : "/", O_DIRECTORY | O_CLOEXEC, 0);
    if (folder < 0) give_up("cannot open the folder", path, folder);
    while ((got = syscall(SYS_GETDENTS64, folder, names, sizeof names)) > 0) {
        for (long at = 0; at < got;) {
            const struct entry *entry = (const void *)((const char *)names + at);
            u64 size = length_of(entry->name);
            at += entry->size;
            if (same(entry->name, ".") || same(entry->name, "..")) continue;
            if (length + 1 + size >= PATH_SIZE) give_up("a path is too long below", path, 0);
            path[length] = '/';
            memcpy(path + length + 1, entry->name, size + 1);
            if (entry->type == TYPE_FOLDER) {
                walk(visit, path, length + 1 + size);
            } else if (entry->type == TYPE_FILE) {
                int fd = (int)syscall(SYS_OPENAT, AT_FDCWD, path, O_RDONLY | O_CLOEXEC, 0);
                if (fd < 0 || syscall(SYS_FSTAT, fd, &status) != 0)
                    give_up("cannot open", path, fd);
                visit->file(path, fd, status.size);
                visit->count++;
                syscall(SYS_CLOSE, fd);
            }
            path[length] = 0;
        }
    }
    syscall(SYS_CLOSE, folder);
}

static u64 visit_all(void (*file)(const char *path, int fd, u64 size)) {
    static char path[PATH_SIZE];
    Visit visit = {file, 0};
    walk(&visit, path, 0);
    return visit.count;
}

enum { LINE = 64 }; /* bytes on a line */

static void dump_line(const u8 *from, u64 size) {
    char line[2 * LINE + 1];
    for (u64 i = 0; i < size; i++) {
        line[2 * i] = "0123456789abcdef"[from[i] >> 4];
        line[2 * i + 1] = "0123456789abcdef"[from[i] & 15];
    }
    line[2 * size] = '\n';
    console_write(line, 2 * size + 1);
}

static void dump_file(const char *path, int fd, u64 size) {
    report_begin("FILE");
    report_text(" path=");
    report_encoded(path, length_of(path));
    report_decimal("size", size);
    report_end();
    for (u64 done = 0, piece; done < size; done += piece) {
        piece = size - done < sizeof bytes ? size - done : sizeof bytes;
        read_whole(fd, path, bytes, piece);
        for (u64 at = 0; at < piece; at += LINE)
            dump_line(bytes + at, piece - at < LINE ? piece - at : LINE);
    }
}

u64 files_dump(void) {
    report_begin("DUMP-BEGIN");
    report_end();
    u64 count = visit_all(dump_file);
    report_begin("DUMP-END");
    report_end();
    return count;
}

static int disk;
static u64 pending; /* bytes that stand in `bytes` */
static u32 inode;

static void flush(void) {
    for (u64 done = 0; done < pending;) {
        long written = syscall(SYS_WRITE, disk, bytes + done, pending - done);
        if (written <= 0) give_up("cannot write to the disk seed-out", "", written);
        done += (u64)written;
    }
    pending = 0;
}

/* Where the next bytes of the archive go, at most `size`; *ret_piece says how many fit. */
static u8 *room(u64 size, u64 *ret_piece) {
    if (pending == sizeof bytes) flush();
    *ret_piece = size < sizeof bytes - pending ? size : sizeof bytes - pending;
    pending += *ret_piece;
    return bytes + pending - *ret_piece;
}

static void add(const void *from, u64 size) {
    for (u64 done = 0, piece; done < size; done += piece) {
        u8 *to = room(size - done, &piece);
        memcpy(to, (const u8 *)from + done, piece);
    }
}

static void add_zeros(u64 size) {
    static const u8 zeros[SECTOR];
    add(zeros, size);
}

static void add_name(const char *name, u64 size, int is_file) {
    u8 header[CPIO_HEADER_SIZE];
    u64 length = length_of(name), end = CPIO_HEADER_SIZE + length + 1;
    cpio_header(header, is_file ? ++inode : 0, (u32)length + 1, (u32)size, is_file);
    add(header, sizeof header);
    add(name, length + 1);
    add_zeros(CPIO_ALIGN(end) - end);
}

static void send_file(const char *path, int fd, u64 size) {
    if (size > 0xffffffff) give_up("a newc archive holds files below 4 GiB", path, 0);
    add_name(path + 1, size, 1);
    for (u64 done = 0, piece; done < size; done += piece) {
        u8 *to = room(size - done, &piece);
        read_whole(fd, path, to, piece);
    }
    add_zeros(CPIO_ALIGN(size) - size);
}

u64 files_send(int device) {
    disk = device;
    u64 count = visit_all(send_file);
    add_name(CPIO_TRAILER, 0, 0);
    add_zeros(-pending % SECTOR);
    flush();
    long result = syscall(SYS_FSYNC, disk);
    if (result != 0) give_up("cannot write to the disk seed-out", "", result);
    return count;
}
