/* tier3 CASE: the calls that programs with a C library ask for beyond those of the chain. */
#include "abi/errno.h"
#include "abi/files.h"
#include "abi/memory.h"
#include "abi/processes.h"
#include "abi/signals.h"
#include "abi/stat.h"
#include "check.h"

enum { PAGE = 4096, MIB = 1 << 20, RW = PROT_READ | PROT_WRITE, ANY = MAP_PRIVATE | MAP_ANONYMOUS };

struct iovec {
    void *base;
    size_type size;
};

void flush_code(const void *address); /* asm.S */

static long open(const char *path, long flags) {
    return syscall(SYS_OPENAT, AT_FDCWD, path, flags, 0777);
}

static char *map(const void *at, size_type size, long rights, long flags) {
    return (char *)syscall(SYS_MMAP, at, size, rights, flags, -1, 0);
}

/* What the kernel says of a byte that it is to read or write for the program. */
static long readable(const char *at) {
    long fd = open("/scratch", O_WRONLY | O_CREAT), result = syscall(SYS_WRITE, fd, at, 1);
    CHECK(syscall(SYS_CLOSE, fd), 0);
    return result;
}

static long writable(char *at) { return syscall(SYS_GETCWD, at, 2); }

/* ---- readv and writev ---- */

static void test_vector(void) {
    static struct iovec many[1025];
    static char text[32], byte;
    struct iovec out[] = {{"one", 3}, {0, 0}, {" two", 4}, {(char *)8, 5}, {"x", 1}};
    struct iovec in[] = {{text, 2}, {0, 0}, {text + 10, 5}};
    long fd = open("/file", O_RDWR | O_CREAT);
    CHECK(syscall(SYS_WRITEV, fd, out, 3), 7);
    CHECK(syscall(SYS_WRITEV, fd, out, 5), 7); /* stops at the hole */
    CHECK(syscall(SYS_WRITEV, fd, out + 3, 2), -EFAULT);
    CHECK(syscall(SYS_LSEEK, fd, 0, SEEK_CUR), 14);
    CHECK(syscall(SYS_LSEEK, fd, 0, SEEK_SET), 0);
    CHECK(syscall(SYS_READV, fd, in, 3), 7);
    CHECK(same(text, "on"), 1);
    CHECK(same(text + 10, "e two"), 1);
    CHECK(syscall(SYS_READV, fd, in, 3), 7);
    CHECK(syscall(SYS_READV, fd, in, 3), 0);
    CHECK(syscall(SYS_READV, fd, 0, 0), 0);
    for (int i = 0; i < 1025; i++)
        many[i] = (struct iovec){&byte, 1};
    CHECK(syscall(SYS_WRITEV, fd, many, 1024), 1024);
    CHECK(syscall(SYS_WRITEV, fd, many, 1025), -EINVAL);
    many[7].size = ~0ul;
    CHECK(syscall(SYS_WRITEV, fd, many, 1024), -EINVAL);
    many[7] = (struct iovec){(char *)(1ul << 48), 1};
    CHECK(syscall(SYS_WRITEV, fd, many, 1024), -EFAULT);
    CHECK(syscall(SYS_WRITEV, fd, (char *)8, 3), -EFAULT);
    CHECK(syscall(SYS_WRITEV, 77, out, 3), -EBADF);
    CHECK(syscall(SYS_READV, 1, in, 3), -EBADF);
    CHECK(syscall(SYS_WRITEV, 0, out, 3), -EBADF);
    CHECK(syscall(SYS_LSEEK, fd, 0, SEEK_END), 14 + 1024);
}

/* The pieces are read over by what they ask for. */
static void test_vector_of_itself(void) {
    struct iovec pieces[2], wanted[2] = {{pieces, sizeof pieces}, {(char *)8, 1}};
    long fd = open("/file", O_RDWR | O_CREAT);
    CHECK(syscall(SYS_WRITE, fd, wanted, sizeof wanted), sizeof wanted);
    CHECK(syscall(SYS_WRITE, fd, "more", 4), 4);
    CHECK(syscall(SYS_LSEEK, fd, 0, SEEK_SET), 0);
    char more[4];
    pieces[0] = (struct iovec){pieces, sizeof pieces};
    pieces[1] = (struct iovec){more, 4};
    CHECK(syscall(SYS_READV, fd, pieces, 2), sizeof pieces + 4);
    CHECK(pieces[1].size, 1);
    CHECK(more[3], 'e');
}

/* ---- mmap, munmap, mprotect ---- */

static void test_map(void) {
    char *a = map(0, 3 * PAGE, RW, ANY), *b = map(0, 1, RW, MAP_SHARED | MAP_ANONYMOUS);
    for (int i = 0; i < 3 * PAGE; i++)
        CHECK(a[i], 0);
    memset(a, 'a', 3 * PAGE);
    b[PAGE - 1] = 'b';
    CHECK(readable(b + PAGE), b + PAGE == a ? 1 : -EFAULT);
    CHECK(syscall(SYS_MUNMAP, a + PAGE, PAGE), 0);
    CHECK(syscall(SYS_MUNMAP, a + PAGE, PAGE), 0);
    CHECK(readable(a + PAGE), -EFAULT);
    CHECK(a[PAGE - 1], 'a');
    CHECK(a[2 * PAGE], 'a');
    CHECK(map(a + PAGE, PAGE, RW, ANY), a + PAGE); /* a wish */
    CHECK(a[PAGE], 0);
    CHECK(map(a, PAGE, RW, ANY) != a, 1);
    CHECK(map(a, PAGE, RW, ANY | MAP_FIXED_NOREPLACE), -EEXIST);
    CHECK(map(a, 2 * PAGE, RW, ANY | MAP_FIXED), a);
    CHECK(a[0] + a[PAGE], 0);
    CHECK(a[2 * PAGE], 'a');
    CHECK(map(a + 1, PAGE, RW, ANY | MAP_FIXED), -EINVAL);
    CHECK(map(0, 0, RW, ANY), -EINVAL);
    CHECK(map(0, ~0ul, RW, ANY), -ENOMEM);
    CHECK(map(0, 1ul << 40, PROT_NONE, ANY), -ENOMEM);
    CHECK(map(0, PAGE, RW, MAP_ANONYMOUS), -EINVAL);
    CHECK(map(0, PAGE, RW, MAP_PRIVATE), -EBADF);
    CHECK(syscall(SYS_MMAP, 0, PAGE, RW, ANY, -1, 1), -EINVAL);
    CHECK(syscall(SYS_MMAP, 0, PAGE, PROT_READ, MAP_PRIVATE, open("/init", O_RDONLY), 0), -ENODEV);
    CHECK(syscall(SYS_MUNMAP, a + 1, PAGE), -EINVAL);
    CHECK(syscall(SYS_MUNMAP, a, 0), -EINVAL);
    CHECK(syscall(SYS_MUNMAP, a, ~0ul), -EINVAL);
}

/* The program itself, its heap and its stack stay. */
static void test_map_foreign(void) {
    static char data[2 * PAGE];
    char *heap = (char *)syscall(SYS_BRK, 0), local,
         *places[] = {(char *)test_map_foreign, data, heap, &local, (char *)0x200000};
    CHECK(syscall(SYS_BRK, heap + 4 * PAGE), heap + 4 * PAGE);
    for (int i = 0; i < 5; i++) {
        char *page = (char *)((size_type)places[i] & ~(PAGE - 1ul));
        CHECK(map(page, PAGE, RW, ANY | MAP_FIXED), -EINVAL);
        CHECK(syscall(SYS_MUNMAP, page, PAGE), -EINVAL);
        CHECK(syscall(SYS_MPROTECT, page, PAGE, PROT_NONE), -EINVAL);
    }
    CHECK(syscall(SYS_MUNMAP, 0x200000, 0x3fe00000), -EINVAL);
    CHECK(map((char *)0x1000, PAGE, RW, ANY | MAP_FIXED), -EINVAL);
    CHECK(map((char *)0x40000000, PAGE, RW, ANY | MAP_FIXED), -ENOMEM);
    CHECK(syscall(SYS_MUNMAP, 0x40000000, PAGE), 0);
}

static void test_protect(void) {
    char *a = map(0, 4 * PAGE, RW, ANY);
    memset(a, 'a', PAGE);
    CHECK(syscall(SYS_MPROTECT, a, 2 * PAGE, PROT_READ), 0);
    CHECK(a[0] + a[PAGE], 'a');
    CHECK(writable(a), -EFAULT);
    CHECK(writable(a + PAGE), -EFAULT);
    CHECK(writable(a + 2 * PAGE), 2);
    CHECK(syscall(SYS_MPROTECT, a, 4 * PAGE, PROT_NONE), 0);
    CHECK(readable(a), -EFAULT);
    CHECK(readable(a + 3 * PAGE), -EFAULT);
    CHECK(syscall(SYS_MPROTECT, a, 4 * PAGE, RW), 0);
    CHECK(a[0], 'a');
    CHECK(a[2 * PAGE], '/');
    CHECK(syscall(SYS_MUNMAP, a + 2 * PAGE, PAGE), 0);
    CHECK(syscall(SYS_MPROTECT, a, 4 * PAGE, PROT_READ), -ENOMEM);
    CHECK(writable(a + PAGE), -EFAULT); /* done up to the hole */
    CHECK(writable(a + 3 * PAGE), 2);
    CHECK(syscall(SYS_MPROTECT, a, 0, RW), 0);
    CHECK(syscall(SYS_MPROTECT, a + 1, PAGE, RW), -EINVAL);
    CHECK(syscall(SYS_MPROTECT, a, PAGE, 0x80), -EINVAL);
}

static int run_self(char *name) {
    char *argv[] = {"init", name, 0};
    return (int)run("/init", argv);
}

static void test_write_protected(void) { *map(0, PAGE, PROT_READ, ANY) = 1; }
static void test_read_none(void) { print(map(0, PAGE, PROT_NONE, ANY)[1] ? "x" : "y"); }
static void test_jump_to_data(void) { ((void (*)(void))map(0, PAGE, RW, ANY))(); }
static void test_use_after(void) {
    char *a = map(0, PAGE, RW, ANY);
    *a = 1;
    CHECK(syscall(SYS_MUNMAP, a, PAGE), 0);
    *a = 1;
}

static void test_run_mapped(void) {
    static const unsigned ret_7[] = {0x528000e0, 0xd65f03c0}; /* mov w0, #7; ret */
    char *a = map(0, PAGE, RW, ANY);
    memcpy(a, ret_7, sizeof ret_7);
    CHECK(syscall(SYS_MPROTECT, a, PAGE, PROT_READ | PROT_EXEC), 0);
    flush_code(a);
    CHECK(((int (*)(void))a)(), 7);
}

static void test_faults(void) {
    CHECK(run_self("write-protected"), 256 + SIGSEGV);
    CHECK(run_self("read-none"), 256 + SIGSEGV);
    CHECK(run_self("jump-to-data"), 256 + SIGSEGV);
    CHECK(run_self("use-after"), 256 + SIGSEGV);
    CHECK(run_self("run-mapped"), 0);
}

/* Memory that is given back can be had again: 40 times 16 MiB of a machine of 64. */
static void test_map_again(void) {
    for (int n = 0; n < 40; n++) {
        char *a = map(0, 16 * MIB, RW, ANY);
        for (long i = 0; i < 16 * MIB; i += PAGE)
            a[i] = 1;
        if (n % 2)
            CHECK(syscall(SYS_MUNMAP, a, 16 * MIB), 0);
        else
            CHECK(map(a, 16 * MIB, PROT_NONE, ANY | MAP_FIXED), a);
        if (n % 2 == 0) CHECK(syscall(SYS_MUNMAP, a, 16 * MIB), 0);
    }
}

/* So can that of a program that ended with it: pages touched, reserved and without rights. */
static void test_leave(void) {
    char *a = map(0, 16 * MIB, RW, ANY), *b = map((char *)0x10000000, PAGE, RW, ANY);
    for (long i = 0; i < 12 * MIB; i += PAGE)
        a[i] = 1;
    *b = 1;
    CHECK(syscall(SYS_MPROTECT, a, 4 * MIB, PROT_NONE), 0);
    CHECK(syscall(SYS_RT_SIGACTION, 2, 0, b, 8), 0);
}

static void test_left(void) {
    for (int n = 0; n < 20; n++)
        CHECK(run_self("leave"), 0);
    CHECK(run_self("use-after"), 256 + SIGSEGV);
}

static void test_map_enomem(void) {
    /* All of the room from a page above the heap to the guard below the stack. */
    size_type heap = ((size_type)syscall(SYS_BRK, 0) + PAGE - 1) & ~(PAGE - 1ul);
    char *low = (char *)heap + PAGE;
    size_type room = (size_type)((char *)0x3ef00000 - low);
    CHECK(map(0, room + PAGE, PROT_NONE, ANY), -ENOMEM);
    CHECK(map(0, room, PROT_NONE, ANY), low);
    CHECK(syscall(SYS_MUNMAP, low, room), 0);
    char *none = map(0, 512 * MIB, PROT_NONE, ANY);
    CHECK(none > (char *)0x200000, 1);
    CHECK(map(0, 256l * MIB, RW, ANY), -ENOMEM);
    CHECK(syscall(SYS_MUNMAP, none, 512 * MIB), 0);
    char *a = map(0, 16 * MIB, RW, ANY);
    a[16 * MIB - 1] = 1;
    /* One page at a time, until there is no more. */
    long count = 0;
    while ((a = map(0, PAGE, RW, ANY)) > (char *)0x200000 && a < (char *)0x40000000 && ++count)
        *a = 1;
    CHECK(a, -ENOMEM);
    CHECK(count > 3000, 1);
}

/* The heap does not grow into what is mapped, nor up to the page before. */
static void test_brk_beside(void) {
    char *heap = (char *)(((size_type)syscall(SYS_BRK, 0) + PAGE - 1) & ~(PAGE - 1ul));
    char *a = map(heap + 4 * PAGE, PAGE, RW, ANY | MAP_FIXED);
    CHECK(a, heap + 4 * PAGE);
    CHECK(syscall(SYS_BRK, heap + 2 * PAGE), heap + 2 * PAGE);
    CHECK(syscall(SYS_BRK, heap + 4 * PAGE), heap + 2 * PAGE);
    CHECK(syscall(SYS_BRK, heap + 3 * PAGE), heap + 3 * PAGE);
    CHECK(syscall(SYS_BRK, heap + 8 * PAGE), heap + 3 * PAGE);
    CHECK(syscall(SYS_MUNMAP, a, PAGE), 0);
    CHECK(syscall(SYS_BRK, heap + 8 * PAGE), heap + 8 * PAGE);
    CHECK(a[1], 0);
}

/* ---- Files ---- */

static void test_stat(void) {
    struct stat stat;
    long fd = open("/folder/file", O_RDWR);
    CHECK(syscall(SYS_FSTAT, fd, &stat), 0);
    CHECK(stat.mode, S_IFREG | 0777);
    CHECK(stat.size, 1);
    CHECK(stat.links, 1);
    size_type number = stat.number;
    CHECK(syscall(SYS_NEWFSTATAT, AT_FDCWD, "folder//file", &stat, 0), 0);
    CHECK(stat.number, number);
    CHECK(syscall(SYS_NEWFSTATAT, fd, "", &stat, AT_EMPTY_PATH), 0);
    CHECK(stat.number, number);
    CHECK(syscall(SYS_NEWFSTATAT, AT_FDCWD, "/folder", &stat, AT_SYMLINK_NOFOLLOW), 0);
    CHECK(stat.mode, S_IFDIR | 0777);
    CHECK(syscall(SYS_NEWFSTATAT, AT_FDCWD, "", &stat, AT_EMPTY_PATH), 0);
    CHECK(stat.mode, S_IFDIR | 0777);
    CHECK(syscall(SYS_NEWFSTATAT, AT_FDCWD, "", &stat, 0), -ENOENT);
    CHECK(syscall(SYS_NEWFSTATAT, AT_FDCWD, "/none", &stat, 0), -ENOENT);
    CHECK(syscall(SYS_NEWFSTATAT, AT_FDCWD, "/folder/file/", &stat, 0), -ENOTDIR);
    CHECK(syscall(SYS_NEWFSTATAT, AT_FDCWD, "/folder", &stat, 0x200), -EINVAL);
    CHECK(syscall(SYS_NEWFSTATAT, AT_FDCWD, "/folder", 8, 0), -EFAULT);
    CHECK(syscall(SYS_FSTAT, 77, &stat), -EBADF);
    CHECK(syscall(SYS_FSTAT, 1, &stat), 0);
    CHECK(stat.mode & S_IFMT, S_IFCHR);
    CHECK(syscall(SYS_FSTAT, 0, &stat), 0);
    CHECK(stat.mode & S_IFMT, S_IFCHR);
    CHECK(syscall(SYS_UNLINKAT, AT_FDCWD, "/folder/file", 0), 0);
    CHECK(syscall(SYS_FSTAT, fd, &stat), 0);
    CHECK(stat.links, 0);
}

static void test_files(void) {
    char text[4] = "xxx";
    CHECK(syscall(SYS_IOCTL, 1, 0x5413, text), -ENOTTY);
    CHECK(syscall(SYS_IOCTL, 77, 0x5413, text), -EBADF);
    CHECK(syscall(SYS_FCHMODAT, AT_FDCWD, "/init", 0700), 0);
    CHECK(syscall(SYS_FCHMODAT, AT_FDCWD, "/none", 0700), -ENOENT);
    CHECK(syscall(SYS_UTIMENSAT, AT_FDCWD, "/init", 0, 0), 0);
    CHECK(syscall(SYS_UTIMENSAT, AT_FDCWD, "/none", 0, 0), -ENOENT);
    CHECK(syscall(SYS_FCHMOD, open("/init", O_RDONLY), 0700), 0);
    CHECK(syscall(SYS_FCHMOD, 77, 0700), -EBADF);
    CHECK(syscall(SYS_FCHOWN, open("/init", O_PATH), 0, 0), -EBADF);
    CHECK(syscall(SYS_GETCWD, text, 1), -ERANGE);
    CHECK(syscall(SYS_GETCWD, text, 2), 2);
    CHECK(same(text, "/"), 1);
    CHECK(syscall(SYS_GETCWD, 8, 2), -EFAULT);
}

/* ---- The process itself ---- */

static void test_fresh(void) {
    struct action action;
    size_type mask = 1;
    CHECK(syscall(SYS_RT_SIGACTION, 2, 0, &action, 8), 0);
    CHECK(action.handler, 0);
    CHECK(syscall(SYS_RT_SIGPROCMASK, 0, 0, &mask, 8), 0);
    CHECK(mask, 0);
}

static void test_self(void) {
    struct action action = {1, ~0ul, 2, ~0ul}, old = {9, 9, 9, 9};
    size_type mask = ~0ul, before = 0;
    long time[4];
    CHECK(syscall(SYS_SET_TID_ADDRESS, 0), 1);
    CHECK(syscall(SYS_GETPID), 1);
    CHECK(syscall(SYS_CLOCK_GETTIME, CLOCK_MONOTONIC, time), 0);
    unsigned long start = ticks();
    while (ticks() - start < 625000) {
    } /* 10 ms of QEMU's counter */
    CHECK(syscall(SYS_CLOCK_GETTIME, CLOCK_REALTIME, time + 2), 0);
    CHECK((time[2] - time[0]) * 1000000000 + time[3] - time[1] >= 10000000, 1);
    CHECK(syscall(SYS_CLOCK_GETTIME, 8, time), -EINVAL);
    CHECK(syscall(SYS_CLOCK_GETTIME, 0, 8), -EFAULT);
    CHECK(syscall(SYS_RT_SIGACTION, 2, &action, &old, 8), 0);
    CHECK(old.handler, 0);
    CHECK(syscall(SYS_RT_SIGACTION, 2, 0, &old, 8), 0);
    CHECK(old.handler + old.restorer, 3);
    CHECK(old.flags, SA_KNOWN);
    CHECK(old.mask, ~(1ul << (SIGKILL - 1) | 1ul << (SIGSTOP - 1)));
    CHECK(syscall(SYS_RT_SIGACTION, SIGKILL, &action, 0, 8), -EINVAL);
    CHECK(syscall(SYS_RT_SIGACTION, 65, 0, &old, 8), -EINVAL);
    CHECK(syscall(SYS_RT_SIGACTION, 2, 0, &old, 16), -EINVAL);
    CHECK(syscall(SYS_RT_SIGACTION, 2, 8, 0, 8), -EFAULT);
    CHECK(syscall(SYS_RT_SIGPROCMASK, SIG_BLOCK, &mask, &before, 8), 0);
    CHECK(before, 0);
    mask = 6;
    CHECK(syscall(SYS_RT_SIGPROCMASK, SIG_UNBLOCK, &mask, 0, 8), 0);
    CHECK(syscall(SYS_RT_SIGPROCMASK, 3, &mask, 0, 8), -EINVAL);
    CHECK(syscall(SYS_RT_SIGPROCMASK, 3, 0, &before, 8), 0);
    CHECK(before, ~(6ul | 1ul << (SIGKILL - 1) | 1ul << (SIGSTOP - 1)));
    CHECK(run_self("fresh"), 0);
}

static const struct test_case cases[] = {{"vector", test_vector},
                                         {"vector-of-itself", test_vector_of_itself},
                                         {"map", test_map},
                                         {"map-foreign", test_map_foreign},
                                         {"protect", test_protect},
                                         {"faults", test_faults},
                                         {"write-protected", test_write_protected},
                                         {"read-none", test_read_none},
                                         {"jump-to-data", test_jump_to_data},
                                         {"use-after", test_use_after},
                                         {"run-mapped", test_run_mapped},
                                         {"map-again", test_map_again},
                                         {"left", test_left},
                                         {"leave", test_leave},
                                         {"map-enomem", test_map_enomem},
                                         {"brk-beside", test_brk_beside},
                                         {"stat", test_stat},
                                         {"files", test_files},
                                         {"self", test_self},
                                         {"fresh", test_fresh},
                                         {0, 0}};

int main(int argc, char **argv) { return run_case(cases, argc, argv); }
