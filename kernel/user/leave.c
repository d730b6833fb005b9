/*
 * leave: leaves files of the sizes and names at which a way out of the guest may break. The bytes
 * are SplitMix64's, as those of "random:SEED:SIZE" in a gate file, so that a gate can say what they
 * are.
 */
#include "abi/errno.h"
#include "abi/files.h"
#include "abi/processes.h"
#include "check.h"

/* 255 bytes, the longest path of the contract, in five components of 50 and one of 4. */
#define FIFTY   "/2345678901234567890123456789012345678901234567890"
#define LONGEST FIFTY FIFTY FIFTY FIFTY FIFTY "/255x"

static const struct {
    const char *path;
    unsigned long seed, size;
} files[] = {
    {"empty", 0, 0},
    {"one", 1, 1},
    {"row-less-1", 2, 63},
    {"row", 3, 64},
    {"row-and-1", 4, 65},
    {"page", 5, 4096},
    {"page-and-1", 6, 4097},
    {"folder/below/it", 7, 511},
    {"odd =,%\x80 name", 8, 513},
    {LONGEST, 9, 1000},
};

static char bytes[8192];

/* Steele, Lea, Flood: "Fast splittable pseudorandom number generators", 2014, figure 2. */
static unsigned long split_mix(unsigned long *state) {
    unsigned long value = *state += 0x9e3779b97f4a7c15;
    value = (value ^ (value >> 30)) * 0xbf58476d1ce4e5b9;
    value = (value ^ (value >> 27)) * 0x94d049bb133111eb;
    return value ^ (value >> 31);
}

static long create(const char *path) {
    long fd = syscall(SYS_OPENAT, AT_FDCWD, path, O_WRONLY | O_CREAT | O_EXCL, 0644);
    CHECK(fd >= 0, 1);
    return fd;
}

static void leave(const char *path, unsigned long seed, unsigned long size) {
    unsigned long state = seed, i, word = 0;
    long fd = create(path);
    for (i = 0; i < size; i++, word >>= 8) {
        if (i % 8 == 0) word = split_mix(&state);
        bytes[i] = (char)word;
    }
    CHECK(syscall(SYS_WRITE, fd, bytes, size), size);
    CHECK(syscall(SYS_CLOSE, fd), 0);
}

int main(int argc, char **argv) {
    unsigned n;
    long fd;
    (void)argc;
    (void)argv;
    CHECK(length_of(LONGEST), 255);
    for (n = 0; n < sizeof files / sizeof *files; n++)
        leave(files[n].path, files[n].seed, files[n].size);
    fd = create("sparse");
    CHECK(syscall(SYS_LSEEK, fd, 10000, SEEK_SET), 10000);
    CHECK(syscall(SYS_WRITE, fd, "end", 3), 3);
    return 0;
}
