/* names CASE: long names and many of them. */
#include "abi/errno.h"
#include "abi/files.h"
#include "abi/processes.h"
#include "check.h"

enum { MANY = 10000 };

static long open_at(const char *path, int flags) {
    return syscall(SYS_OPENAT, AT_FDCWD, path, flags, 0644);
}

/* Makes the file, whose bytes are those of `value`, and must not be there; it becomes descriptor 3.
 */
static void make(const char *path, int value) {
    CHECK(open_at(path, O_WRONLY | O_CREAT | O_EXCL), 3);
    CHECK(syscall(SYS_WRITE, 3, &value, sizeof value), sizeof value);
    CHECK(syscall(SYS_CLOSE, 3), 0);
}

static void expect(const char *path, int value) {
    int got = ~value;
    CHECK(open_at(path, O_RDONLY), 3);
    CHECK(syscall(SYS_READ, 3, &got, sizeof got), sizeof got);
    CHECK(got, value);
    CHECK(syscall(SYS_CLOSE, 3), 0);
}

static void unlink_file(const char *path) {
    CHECK(syscall(SYS_UNLINKAT, AT_FDCWD, path, 0), 0);
    CHECK(open_at(path, O_RDONLY), -ENOENT);
}

/* Linux's NAME_MAX, 255, and PATH_MAX, 4096 with the NUL. */
static void test_long_names(void) {
    static char name[5000];
    int i;
    memset(name, 'n', 255);
    make(name, 255);
    expect(name, 255);
    unlink_file(name);
    name[255] = 'n';
    CHECK(open_at(name, O_WRONLY | O_CREAT), -ENAMETOOLONG);
    for (i = 0; i < 4095; i++)
        name[i] = i % 100 == 99 ? '/' : 'p';
    name[4094] = 'p';
    make(name, 4095);
    expect(name, 4095);
    unlink_file(name);
    name[4095] = 'p';
    CHECK(open_at(name, O_WRONLY | O_CREAT), -ENAMETOOLONG);
}

/* The n-th name: 251 bytes in six components, of which the last ten bytes tell n. */
static const char *name_of(int n) {
    static char name[252];
    int i;
    for (i = 250; i >= 0; i--) {
        name[i] = i % 50 == 20 ? '/' : (char)('a' + i % 7);
        if (i > 240) {
            name[i] = (char)('0' + n % 10);
            n /= 10;
        }
    }
    return name;
}

static void make_many(int first, int end) {
    for (; first < end; first++)
        make(name_of(first), first);
}

static void test_many(void) {
    int n;
    make_many(0, MANY);
    for (n = 0; n < MANY; n += 7)
        expect(name_of(n), n);
    for (n = 0; n < MANY; n++)
        unlink_file(name_of(n));
}

/* Guest ticks of opening the files [0, SAMPLE), whose names are short, so that little but the
 * look-up counts. */
enum { SAMPLE = 500 };
static const char *short_name(int n) {
    static char name[] = "n0000";
    int i;
    for (i = 4; i > 0; i--, n /= 10)
        name[i] = (char)('0' + n % 10);
    return name;
}

static unsigned long open_sample(void) {
    unsigned long start = ticks();
    int n;
    for (n = 0; n < SAMPLE; n++) {
        CHECK(open_at(short_name(n), O_RDONLY), 3);
        CHECK(syscall(SYS_CLOSE, 3), 0);
    }
    return ticks() - start;
}

/* Files are found as fast among 10,000 as among 500: within 2 %. To be run on QEMU's instruction
 * counter, where the comparison is exact. */
static void test_look_up(void) {
    unsigned long few, many;
    int n;
    for (n = 0; n < SAMPLE; n++)
        make(short_name(n), n);
    few = open_sample();
    for (; n < MANY; n++)
        make(short_name(n), n);
    many = open_sample();
    CHECK(many < few + few / 50, 1);
}

/* Names with the same hash (FNV-1a, 32 bits) are two names all the same. */
static void test_same_hash(void) {
    make("glbvs", 1);
    CHECK(open_at("yacxa", O_RDONLY), -ENOENT);
    make("yacxa", 2);
    expect("glbvs", 1);
    expect("yacxa", 2);
    unlink_file("glbvs");
    expect("yacxa", 2);
}

static const struct test_case cases[] = {{"long-names", test_long_names},
                                         {"many", test_many},
                                         {"look-up", test_look_up},
                                         {"same-hash", test_same_hash},
                                         {0, 0}};

int main(int argc, char **argv) { return run_case(cases, argc, argv); }
