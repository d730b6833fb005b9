/* fileops CASE: calls on files, their flags and errors. */
#include "abi/errno.h"
#include "abi/files.h"
#include "abi/processes.h"
#include "check.h"

static char buffer[0x20000], other[0x20000];

static long open_at(const char *path, int flags) {
    return syscall(SYS_OPENAT, AT_FDCWD, path, flags, 0644);
}

static long read_fd(long fd, void *to, size_type size) { return syscall(SYS_READ, fd, to, size); }

static long write_fd(long fd, const void *from, size_type size) {
    return syscall(SYS_WRITE, fd, from, size);
}

static long seek(long fd, long offset, int whence) {
    return syscall(SYS_LSEEK, fd, offset, whence);
}

static long unlink_at(const char *path) { return syscall(SYS_UNLINKAT, AT_FDCWD, path, 0); }

static long close_fd(long fd) { return syscall(SYS_CLOSE, fd); }

/* A file with this text. */
static void make(const char *path, const char *text) {
    long fd = open_at(path, O_WRONLY | O_CREAT | O_TRUNC);
    CHECK(fd >= 0, 1);
    CHECK(write_fd(fd, text, length_of(text)), length_of(text));
    CHECK(close_fd(fd), 0);
}

static void expect(const char *path, const char *text) {
    long fd = open_at(path, O_RDONLY);
    CHECK(fd >= 0, 1);
    CHECK(read_fd(fd, buffer, sizeof buffer), length_of(text));
    buffer[length_of(text)] = 0;
    CHECK(same(buffer, text), 1);
    CHECK(close_fd(fd), 0);
}

static void test_open(void) {
    CHECK(open_at("missing", O_RDONLY), -ENOENT);
    CHECK(open_at("", O_RDONLY), -ENOENT);
    make("a", "one");
    CHECK(open_at("a", O_WRONLY | O_CREAT | O_EXCL), -EEXIST);
    CHECK(open_at("a", O_RDONLY | O_DIRECTORY), -ENOTDIR);
    CHECK(open_at("a", 3), 3); /* neither to read nor to write: open(2) */
    CHECK(read_fd(3, buffer, 1), -EBADF);
    CHECK(write_fd(3, buffer, 1), -EBADF);
    CHECK(seek(3, 0, SEEK_END), 3);
    CHECK(close_fd(3), 0);
    CHECK(open_at("a/", O_RDONLY), -ENOTDIR);
    CHECK(open_at("a", O_RDONLY), 3);
    CHECK(open_at("a", O_RDONLY), 4);
    CHECK(close_fd(3), 0);
    CHECK(open_at("a", O_RDONLY), 3);
    CHECK(close_fd(3), 0);
    CHECK(open_at("a", O_RDONLY | O_EXCL), 3); /* means nothing without O_CREAT */
    CHECK(close_fd(3), 0);
    CHECK(close_fd(3), -EBADF);
    CHECK(close_fd(-1), -EBADF);
    CHECK(close_fd(100000), -EBADF);
    make("a", "");
    expect("a", "");
}

static void test_access(void) {
    make("a", "one");
    long fd = open_at("a", O_WRONLY);
    CHECK(read_fd(fd, buffer, 1), -EBADF);
    long readable = open_at("a", O_RDONLY);
    CHECK(write_fd(readable, "x", 1), -EBADF);
    CHECK(write_fd(0, "x", 1), -EBADF);
    CHECK(read_fd(1, buffer, 1), -EBADF);
    CHECK(read_fd(2, buffer, 1), -EBADF);
    CHECK(read_fd(0, buffer, 1), 0);
    CHECK(read_fd(77, buffer, 1), -EBADF);
    CHECK(write_fd(-3, buffer, 1), -EBADF);
    long both = open_at("a", O_RDWR);
    CHECK(write_fd(both, "two", 3), 3);
    CHECK(read_fd(both, buffer, 3), 0);
    CHECK(seek(both, 0, SEEK_SET), 0);
    CHECK(read_fd(both, buffer, 3), 3);
    CHECK(buffer[2], 'o');
}

static void test_seek(void) {
    make("a", "0123456789");
    long fd = open_at("a", O_RDWR);
    CHECK(seek(fd, 4, SEEK_SET), 4);
    CHECK(seek(fd, 2, SEEK_CUR), 6);
    CHECK(seek(fd, -1, SEEK_END), 9);
    CHECK(read_fd(fd, buffer, 8), 1);
    CHECK(buffer[0], '9');
    CHECK(seek(fd, -11, SEEK_END), -EINVAL);
    CHECK(seek(fd, -1, SEEK_SET), -EINVAL);
    CHECK(seek(fd, 0, 7), -EINVAL);
    CHECK(seek(fd, 5, SEEK_END), 15);
    CHECK(seek(fd, 0x7fffffffffffffff, SEEK_CUR), -EINVAL);
    CHECK(seek(fd, 0x7fffffffffffffff, SEEK_END), -EINVAL);
    CHECK(seek(fd, 0x7fffffffffffffff, SEEK_SET), 0x7fffffffffffffff);
    CHECK(read_fd(fd, buffer, 1), -EINVAL);
    CHECK(seek(fd, 15, SEEK_SET), 15);
    CHECK(read_fd(fd, buffer, 1), 0);
    CHECK(seek(1, 0, SEEK_SET), -ESPIPE);
    CHECK(seek(0, 5, SEEK_SET), 0); /* as /dev/null */
    CHECK(seek(50, 0, SEEK_SET), -EBADF);
    CHECK(seek(fd, 0x1ffffffff, SEEK_SET), 0x1ffffffff);
    CHECK(write_fd(fd, "x", 1), -EFBIG);
    /* A file has 4 GiB - 1 bytes at most: a write is cut there. */
    CHECK(seek(fd, 0xfffffff0, SEEK_SET), 0xfffffff0);
    CHECK(write_fd(fd, buffer, 32), 15);
    CHECK(write_fd(fd, buffer, 1), -EFBIG);
    CHECK(seek(fd, 0, SEEK_END), 0xffffffff);
    make("a", ""); /* it would take long to go out */
}

static void test_sparse(void) {
    long i, fd = open_at("s", O_RDWR | O_CREAT), at = 0x5432100;
    CHECK(seek(fd, at, SEEK_SET), at);
    CHECK(write_fd(fd, "end", 3), 3);
    CHECK(seek(fd, 0, SEEK_END), at + 3);
    CHECK(seek(fd, at - 0x1fff0, SEEK_SET), at - 0x1fff0);
    CHECK(read_fd(fd, buffer, 0x20000), 0x1fff3);
    for (i = 0; i < 0x1fff0; i++)
        CHECK(buffer[i], 0);
    CHECK(buffer[0x1fff2], 'd');
    CHECK(seek(fd, 0x1000000, SEEK_SET), 0x1000000);
    CHECK(write_fd(fd, "mid", 3), 3);
    CHECK(seek(fd, -1, SEEK_CUR), 0x1000002);
    CHECK(read_fd(fd, buffer, 2), 2);
    CHECK(buffer[0], 'd');
    CHECK(buffer[1], 0);
}

static void test_append(void) {
    make("a", "one");
    long fd = open_at("a", O_WRONLY | O_APPEND);
    CHECK(seek(fd, 0, SEEK_SET), 0);
    CHECK(write_fd(fd, "two", 3), 3);
    CHECK(seek(fd, 0, SEEK_CUR), 6);
    make("b", "x");
    expect("a", "onetwo");
    CHECK(open_at("a", O_WRONLY | O_TRUNC) >= 0, 1);
    expect("a", "");
    CHECK(write_fd(fd, "three", 5), 5);
    expect("a", "three");
}

static void test_unlink(void) {
    make("a", "kept");
    long fd = open_at("a", O_RDWR);
    CHECK(unlink_at("a"), 0);
    CHECK(unlink_at("a"), -ENOENT);
    CHECK(open_at("a", O_RDONLY), -ENOENT);
    CHECK(read_fd(fd, buffer, 9), 4);
    CHECK(write_fd(fd, " longer", 7), 7);
    make("a", "other");
    CHECK(seek(fd, 0, SEEK_SET), 0);
    CHECK(read_fd(fd, buffer, 20), 11);
    CHECK(buffer[10], 'r');
    expect("a", "other");
    CHECK(close_fd(fd), 0);
    CHECK(syscall(SYS_UNLINKAT, AT_FDCWD, "a", 4), -EINVAL);
    CHECK(syscall(SYS_UNLINKAT, AT_FDCWD, "none", 1l << 32), -ENOENT); /* flags have 32 bits */
    CHECK(syscall(SYS_UNLINKAT, AT_FDCWD, "a", AT_REMOVEDIR), -ENOTDIR);
    CHECK(syscall(SYS_UNLINKAT, 7, "a", 0), -EBADF);
    CHECK(unlink_at("/"), -EISDIR);
    make("d/f", "x");
    CHECK(unlink_at("d"), -EISDIR);
    CHECK(syscall(SYS_UNLINKAT, AT_FDCWD, "d", AT_REMOVEDIR), -ENOTEMPTY);
    CHECK(unlink_at("d/f"), 0);
    CHECK(unlink_at("d"), -ENOENT);
}

static void test_paths(void) {
    make("/d/e/f", "deep");
    expect("d/e/f", "deep");
    expect("./d//e/./f", "deep");
    expect("//d/e/../e/f", "deep");
    CHECK(open_at("/d/x/../e/f", O_RDONLY), -ENOENT);
    CHECK(open_at("/d/x/../new", O_WRONLY | O_CREAT), -ENOENT);
    CHECK(open_at("/d/e/f/../f", O_RDONLY), -ENOTDIR);
    expect("../../d/e/f", "deep");
    CHECK(open_at("d", O_RDONLY), -EISDIR);
    CHECK(open_at("d/e", O_WRONLY | O_CREAT), -EISDIR);
    CHECK(open_at("/", O_RDONLY), -EISDIR);
    CHECK(open_at("d/", O_RDONLY), -EISDIR);
    CHECK(open_at("new/", O_WRONLY | O_CREAT), -EISDIR);
    CHECK(open_at("d/e/f/g", O_RDONLY), -ENOTDIR);
    CHECK(open_at("d/e/f/g", O_WRONLY | O_CREAT), -ENOTDIR);
    CHECK(open_at("d/e/f/.", O_RDONLY), -ENOTDIR);
    CHECK(open_at("d/none/g", O_RDONLY), -ENOENT);
    CHECK(unlink_at("d/e/f"), 0);
    make("d", "a file now");
    expect("d", "a file now");
    long fd = open_at("d", O_RDONLY);
    CHECK(syscall(SYS_OPENAT, fd, "d", O_RDONLY, 0), -ENOTDIR);
    CHECK(syscall(SYS_OPENAT, 99, "d", O_RDONLY, 0), -EBADF);
    CHECK(syscall(SYS_OPENAT, 99, "/d", O_RDONLY, 0), fd + 1);
}

/* The name of the entry that ends an archive is a name like any other, and files behind it come
 * out. */
static void test_trailer(void) {
    make("/TRAILER!!!", "first");
    make("/behind", "second");
    make("/d/TRAILER!!!", "third");
}

static void test_descriptors(void) {
    int n;
    make("a", "x");
    for (n = 3; n < 256; n++)
        CHECK(open_at("a", O_RDONLY), n);
    CHECK(open_at("a", O_RDONLY), -EMFILE);
    CHECK(open_at("new", O_WRONLY | O_CREAT), -EMFILE);
    CHECK(close_fd(100), 0);
    CHECK(open_at("new", O_RDONLY), -ENOENT);
    CHECK(open_at("a", O_RDONLY), 100);
}

static void test_pointers(void) {
    const char *const bad[] = {
        (char *)0,          (char *)0x1ff000,     (char *)0x3ef00000,
        (char *)0x40080000, (char *)0x4009000000, (char *)0xffffffffffffff00};
    unsigned n;
    make("a", "0123456789");
    long fd = open_at("a", O_RDWR);
    for (n = 0; n < sizeof bad / sizeof *bad; n++) {
        CHECK(open_at(bad[n], O_RDONLY), -EFAULT);
        CHECK(unlink_at(bad[n]), -EFAULT);
        CHECK(syscall(SYS_OPENAT, fd, bad[n], O_RDONLY, 0), -EFAULT);
        CHECK(syscall(SYS_UNLINKAT, fd, bad[n], 0), -EFAULT);
        CHECK(write_fd(fd, bad[n], 1), -EFAULT);
        CHECK(write_fd(1, bad[n], 1), -EFAULT);
        CHECK(read_fd(fd, (char *)bad[n], 1), -EFAULT);
        CHECK(write_fd(fd, bad[n], 0), (unsigned long)bad[n] >> 48 ? -EFAULT : 0);
        CHECK(syscall(SYS_SPAWN, bad[n], 0), -EFAULT);
        CHECK(syscall(SYS_SPAWN, "/init", bad[n]), -EFAULT);
        if (bad[n]) CHECK(syscall(SYS_SPAWN, "/init", &bad[n]), -EFAULT);
    }
    CHECK(read_fd(fd, (void *)test_pointers, 1), -EFAULT);
    /* A transfer that runs into a hole says how far it came. */
    char *end = (char *)((syscall(SYS_BRK, 0) + 0xfff) & ~0xffful);
    CHECK(syscall(SYS_BRK, end + 4), end + 4);
    end[0] = end[1] = 'x';
    CHECK(write_fd(fd, end + 0xffe, 10), 2);
    CHECK(seek(fd, 0, SEEK_SET), 0);
    CHECK(read_fd(fd, end + 0xffc, 10), 4);
}

/* Input of the initramfs: shared with it until first written. */
static void test_initial(void) {
    CHECK(open_at("input", O_RDONLY), 3);
    long size = seek(3, 0, SEEK_END);
    CHECK(size > 0x2000 && size < (long)sizeof buffer, 1);
    CHECK(seek(3, 0, SEEK_SET), 0);
    CHECK(read_fd(3, other, sizeof other), size);
    CHECK(open_at("input", O_RDWR), 4);
    CHECK(seek(4, 0x1234, SEEK_SET), 0x1234);
    other[0x1234] ^= 1;
    CHECK(write_fd(4, other + 0x1234, 1), 1);
    CHECK(seek(3, 0, SEEK_SET), 0);
    CHECK(read_fd(3, buffer, sizeof buffer), size);
    while (size-- > 0)
        CHECK(buffer[size], other[size]);
}

/* Files of 200 MiB, written in pieces that match nothing. */
static void test_big(void) {
    long fd = open_at("big", O_RDWR | O_CREAT), total = 0, i, n;
    for (i = 0; i < (long)sizeof buffer; i++)
        buffer[i] = (char)(i * 7 + (i >> 8));
    for (n = 0; n < 1700; n++, total += 123457)
        CHECK(write_fd(fd, buffer, 123457), 123457);
    CHECK(seek(fd, 0, SEEK_END), total);
    for (n = 1699; n >= 0; n -= 100) {
        CHECK(seek(fd, n * 123457, SEEK_SET), n * 123457);
        CHECK(read_fd(fd, other, 123457), 123457);
        for (i = 0; i < 123457; i += 61)
            CHECK(other[i], buffer[i]);
    }
    CHECK(unlink_at("big"), 0);
}

/* Guest ticks of adding 8 MiB to a file. */
static unsigned long append_8_mib(long fd) {
    unsigned long start = ticks();
    long n;
    for (n = 0; n < 64; n++)
        CHECK(write_fd(fd, buffer, sizeof buffer), sizeof buffer);
    return ticks() - start;
}

/* A file grows at the same cost when it is large: within 2 %. To be run on QEMU's instruction
 * counter, where the comparison is exact. */
static void test_growth(void) {
    long fd = open_at("grows", O_WRONLY | O_CREAT | O_APPEND), n;
    append_8_mib(fd);
    unsigned long early = append_8_mib(fd), late;
    for (n = 0; n < 20; n++)
        late = append_8_mib(fd);
    CHECK(late < early + early / 50, 1);
    CHECK(unlink_at("grows"), 0);
}

static void test_unknown_call(void) {
    int n;
    for (n = 0; n < 3; n++) {
        CHECK(syscall(220), -ENOSYS); /* clone */
        CHECK(syscall(99999), -ENOSYS);
    }
    CHECK(syscall((1l << 32) + SYS_CLOSE, 77), -EBADF); /* numbers have 32 bits */
}

/* Numbers that the kernel reports one by one and, from 2048 on, such that it does not; each twice.
 */
static void test_unknown_calls(void) {
    int n;
    for (n = 0; n < 200; n++)
        CHECK(syscall(2000 + n / 2), -ENOSYS);
}

static const struct test_case cases[] = {{"open", test_open},
                                         {"access", test_access},
                                         {"seek", test_seek},
                                         {"sparse", test_sparse},
                                         {"append", test_append},
                                         {"unlink", test_unlink},
                                         {"paths", test_paths},
                                         {"trailer", test_trailer},
                                         {"descriptors", test_descriptors},
                                         {"pointers", test_pointers},
                                         {"initial", test_initial},
                                         {"big", test_big},
                                         {"growth", test_growth},
                                         {"unknown-call", test_unknown_call},
                                         {"unknown-calls", test_unknown_calls},
                                         {0, 0}};

int main(int argc, char **argv) { return run_case(cases, argc, argv); }
