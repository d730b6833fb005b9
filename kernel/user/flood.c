/*
 * flood WHAT COUNT [SIZE]: makes so many of what a harness keeps: "spawns" of /true, "files" of
 * SIZE bytes, 1 without it; COUNT 0: for ever.
 */
#include "errno.h"
#include "lib.h"

static char content[65536];

static void make_file(unsigned long n, unsigned long size) {
    char path[24] = "/tree/00/000000000000";
    unsigned long digit;
    long fd;
    path[6] = (char)('0' + n / 10 % 10);
    path[7] = (char)('0' + n % 10);
    for (digit = 20; digit > 8; digit--, n /= 10)
        path[digit] = (char)('0' + n % 10);
    fd = syscall(SYS_OPENAT, AT_FDCWD, path, O_WRONLY | O_CREAT, 0644);
    syscall(SYS_WRITE, fd, content, size);
    syscall(SYS_CLOSE, fd);
}

int main(int argc, char **argv) {
    static char *child[] = {"true", "of", "a", "flood", 0};
    const char *what = argc > 1 ? argv[1] : "";
    unsigned long count = argc > 2 ? number_of(argv[2]) : 0, i;
    unsigned long size = argc > 3 ? number_of(argv[3]) : 1;
    for (i = 0; i < count || count == 0; i++) {
        if (same(what, "spawns")) start_child("/true", child);
        if (same(what, "files")) make_file(i, size < sizeof content ? size : sizeof content);
    }
    return 0;
}
