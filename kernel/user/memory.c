/* memory CASE: heap, BSS, stack, and what happens when they run out. */
#include "abi/errno.h"
#include "abi/files.h"
#include "abi/processes.h"
#include "check.h"

enum { PAGE = 4096, MIB = 1 << 20 };

/* Costs nothing as long as it is not touched. */
static char huge[512l * MIB] __attribute__((aligned(8)));

/* Whole pages of data out of the file, which are the file's until they are written. */
static long given[4 * PAGE / sizeof(long)] = {1, [4 * PAGE / sizeof(long) - 1] = 2};

static char *break_at(const void *wanted) { return (char *)syscall(SYS_BRK, wanted); }

static void test_brk(void) {
    char *start = break_at(0), *at;
    CHECK(break_at((char *)1), start);
    CHECK(break_at(start - 1), start);
    CHECK(break_at((char *)0x3f000000), start);
    CHECK(break_at((char *)~0ul), start);
    CHECK(break_at(start + 10 * MIB), start + 10 * MIB);
    for (at = start; at < start + 10 * MIB; at += PAGE / 2) {
        CHECK(*at, 0);
        *at = 1;
    }
    CHECK(break_at(start + MIB), start + MIB);
    CHECK(break_at(start + 10 * MIB), start + 10 * MIB);
    CHECK(start[MIB - PAGE], 1);
    for (at = start + MIB; at < start + 10 * MIB; at += PAGE / 2)
        CHECK(*at, 0);
    CHECK(break_at(start), start);
}

static void test_bss(void) {
    long i;
    for (i = 0; i < (long)sizeof huge; i += 64l * MIB) {
        CHECK(huge[i], 0);
        huge[i] = 1;
    }
    CHECK(huge[sizeof huge - 1], 0);
}

/* Nearly all of a machine of 256 MiB: what lies below the initramfs and the device tree, and above.
 */
static void test_most(void) {
    long i;
    for (i = 0; i < 220l * MIB; i += PAGE)
        *(long *)(huge + i) = i;
    for (i = 0; i < 220l * MIB; i += PAGE)
        CHECK(*(long *)(huge + i), i);
}

/* Touches far from each other take a page each: 2,048 of them, 8 MiB, of a machine of 64. */
static void test_scatter(void) {
    long i;
    for (i = 0; i < (long)sizeof huge; i += MIB / 4)
        huge[i] = 1;
}

/* Touches one after the other take several pages at once. In guest instructions, which QEMU's
 * instruction counter makes exact: 16 of them are a tick. */
static void test_sequence(void) {
    enum { COUNT = 4096 };
    unsigned long start = ticks(), spent;
    long i;
    for (i = 0; i < COUNT; i++)
        huge[i * PAGE] = 1;
    spent = (ticks() - start) * 16 / COUNT;
    CHECK(spent < 700, 1);
}

/* A program that needs more than there is is killed, and the parent goes on. */
static void test_out_of_memory(void) {
    char *child[] = {"memory", "eat", 0};
    CHECK(run("/init", child), 256 + SIGKILL);
    CHECK(run("/init", child), 256 + SIGKILL);
}

static void test_eat(void) {
    long i;
    for (i = 0; i < (long)sizeof huge; i += PAGE)
        huge[i] = 1;
    print("eat: all of it was there\n");
}

/* Needs a machine with less memory than the address space. */
static void test_brk_enomem(void) {
    char *start = break_at(0);
    CHECK(break_at(start + 300l * MIB), start);
    CHECK(break_at(start + MIB), start + MIB);
    start[MIB - 1] = 1;
}

static long make_file(const char *path) {
    return syscall(SYS_OPENAT, AT_FDCWD, path, O_RDWR | O_CREAT, 0644);
}

/* Fills the memory with a file: ENOSPC, and all is well when it is gone. Spawn gives ENOMEM. */
static void test_enospc(void) {
    static char name[4000];
    char *child[] = {"memory", "bss", 0};
    long fd = syscall(SYS_OPENAT, AT_FDCWD, "fill", O_RDWR | O_CREAT, 0644), got, total = 0, i;
    memset(name, 'n', sizeof name - 1);
    for (i = 1; i < (long)sizeof name - 1; i += 200)
        name[i] = '/';
    CHECK(make_file(name), 4); /* leaves room for all shorter names */
    CHECK(syscall(SYS_CLOSE, 4), 0);
    CHECK(syscall(SYS_UNLINKAT, AT_FDCWD, name, 0), 0);
    while ((got = syscall(SYS_WRITE, fd, huge, MIB)) > 0)
        total += got;
    CHECK(got, -ENOSPC);
    CHECK(syscall(SYS_LSEEK, fd, 0, SEEK_END), total);
    CHECK(total > 10 * MIB, 1);
    CHECK(syscall(SYS_SPAWN, "/init", child), -ENOMEM);
    /* Of this path the longest folders need a page, of the same cut shorter the file alone. No
     * folder stays. */
    CHECK(make_file(name), -ENOSPC);
    CHECK(syscall(SYS_OPENAT, AT_FDCWD, "n", O_RDONLY, 0), -ENOENT);
    name[2200] = 0;
    CHECK(make_file(name), -ENOSPC);
    CHECK(syscall(SYS_OPENAT, AT_FDCWD, "n", O_RDONLY, 0), -ENOENT);
    CHECK(syscall(SYS_UNLINKAT, AT_FDCWD, "fill", 0), 0);
    CHECK(syscall(SYS_CLOSE, fd), 0);
    CHECK(run("/init", child), 0);
    fd = syscall(SYS_OPENAT, AT_FDCWD, "fill", O_RDWR | O_CREAT, 0644);
    CHECK(syscall(SYS_WRITE, fd, huge, MIB), MIB);
}

static void fill(const char *path, int mib) {
    long fd = make_file(path);
    while (mib-- > 0)
        CHECK(syscall(SYS_WRITE, fd, huge, MIB), MIB);
    CHECK(syscall(SYS_CLOSE, fd), 0);
}

/* A file of the initramfs takes no memory beside that until it is written. Where there is none for
 * its copy, it cannot be, and nothing is lost. Takes a file of 24 MiB and a machine of 64. */
static void test_initial_enospc(void) {
    long input = syscall(SYS_OPENAT, AT_FDCWD, "input", O_RDWR, 0);
    char first, again;
    fill("before", 14);
    CHECK(syscall(SYS_READ, input, &first, 1), 1);
    CHECK(syscall(SYS_LSEEK, input, 0, SEEK_SET), 0);
    CHECK(syscall(SYS_WRITE, input, huge, 1), -ENOSPC);
    CHECK(syscall(SYS_READ, input, &again, 1), 1);
    CHECK(again, first);
    CHECK(syscall(SYS_LSEEK, input, 0, SEEK_END), 24 * MIB);
    fill("after", 14);
}

/* A file that reaches over the end of the first GiB of memory, of a machine that has more. */
static void test_second_gib(void) {
    long fd = syscall(SYS_OPENAT, AT_FDCWD, "far", O_RDWR | O_CREAT, 0644), n, end = 1100;
    for (n = 0; n < end; n++) {
        *(long *)huge = n;
        CHECK(syscall(SYS_WRITE, fd, huge, MIB), MIB);
    }
    for (n = 0; n < end; n++) {
        CHECK(syscall(SYS_LSEEK, fd, n * MIB, SEEK_SET), n * MIB);
        CHECK(syscall(SYS_READ, fd, huge, sizeof n), sizeof n);
        CHECK(*(long *)huge, n);
    }
    CHECK(syscall(SYS_UNLINKAT, AT_FDCWD, "far", 0), 0);
}

enum { GIVEN = sizeof given / sizeof *given };

/* Data is as in the file, and what is written is the process's alone. */
static void test_data(void) {
    long i;
    for (i = 0; i < GIVEN; i++) {
        CHECK(given[i], i == 0 ? 1 : i == GIVEN - 1 ? 2 : 0);
        given[i] = ~i;
    }
    for (i = 0; i < GIVEN; i++)
        CHECK(given[i], ~i);
}

/* Also for a process that runs beside another and after one that wrote. */
static void test_data_again(void) {
    char *child[] = {"memory", "data", 0};
    long i;
    test_data();
    CHECK(run("/init", child), 0);
    CHECK(run("/init", child), 0);
    for (i = 0; i < GIVEN; i++)
        CHECK(given[i], ~i);
}

static long dig(long depth) {
    volatile char frame[PAGE];
    frame[0] = (char)depth;
    return depth ? dig(depth - 1) + frame[0] - (char)depth : 0;
}

static void test_stack(void) { CHECK(dig(15 * MIB / (PAGE + 64)), 0); }

static void test_stack_overflow(void) { dig(17 * MIB / PAGE); }

/* What one process leaves in memory, the next must not see. */
static void test_clean(void) {
    char *child[] = {"memory", "dirty", 0};
    char *start;
    long i;
    for (i = 0; i < 3; i++)
        CHECK(run("/init", child), 0);
    start = break_at(0);
    CHECK(break_at(start + 8 * MIB), start + 8 * MIB);
    for (i = 0; i < 8 * MIB; i += 8)
        CHECK(*(long *)(start + i), 0);
}

static void test_dirty(void) {
    char *start = break_at(0);
    CHECK(break_at(start + 8 * MIB), start + 8 * MIB);
    memset(start, 0x5a, 8 * MIB);
}

static const struct test_case cases[] = {{"brk", test_brk},
                                         {"bss", test_bss},
                                         {"most", test_most},
                                         {"scatter", test_scatter},
                                         {"sequence", test_sequence},
                                         {"eat", test_eat},
                                         {"out-of-memory", test_out_of_memory},
                                         {"enospc", test_enospc},
                                         {"initial-enospc", test_initial_enospc},
                                         {"brk-enomem", test_brk_enomem},
                                         {"second-gib", test_second_gib},
                                         {"data", test_data},
                                         {"data-again", test_data_again},
                                         {"stack", test_stack},
                                         {"stack-overflow", test_stack_overflow},
                                         {"clean", test_clean},
                                         {"dirty", test_dirty},
                                         {0, 0}};

int main(int argc, char **argv) { return run_case(cases, argc, argv); }
