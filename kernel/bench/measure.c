/*
 * measure [INTERPRETER]: times what programs ask of a kernel, on the seed kernel and on Linux
 * alike. It stands in a folder with the files f000 to f999 of 1,000 bytes and the program `true`,
 * which INTERPRETER, if given, is asked to run. Prints the ticks at its first instruction at once,
 * and at the end one line a series: its name, the operations in a sample, the ticks of each sample.
 */
#include "abi/errno.h"
#include "abi/files.h"
#include "abi/processes.h"
#include "check.h"
#include "port.h"

enum { CHUNK = 64 << 10, CHUNKS = 1024, SAMPLES_MAX = 300, FILES = 1000, FILE_BYTES = 1000 };

static char buffer[CHUNK];
static const char *interpreter;

static long open_at(const char *path, int flags) {
    return syscall(SYS_OPENAT, AT_FDCWD, path, flags, 0644);
}

static void child(int operations) {
    char *alone[] = {"true", 0}, *interpreted[] = {"interpreter", "true", 0};
    int info[32];
    while (operations-- > 0) {
        long pid = interpreter ? start_child(interpreter, interpreted) : start_child("true", alone);
        CHECK(pid > 0, 1);
        CHECK(syscall(SYS_WAITID, P_PID, pid, info, WEXITED, 0), 0);
        CHECK(info[2], CLD_EXITED);
        CHECK(info[6], 0);
    }
}

static void call(int operations) {
    while (operations-- > 0)
        CHECK(syscall(SYS_CLOSE, -1), -EBADF);
}

static void open_close(int operations) {
    while (operations-- > 0) {
        long fd = open_at("f500", O_RDONLY);
        CHECK(fd >= 3, 1);
        CHECK(syscall(SYS_CLOSE, fd), 0);
    }
}

static void read_files(int operations) {
    char name[] = "f000";
    int n;
    for (n = 0; n < operations; n++) {
        name[1] = (char)('0' + n / 100);
        name[2] = (char)('0' + n / 10 % 10);
        name[3] = (char)('0' + n % 10);
        long fd = open_at(name, O_RDONLY);
        CHECK(syscall(SYS_READ, fd, buffer, CHUNK), FILE_BYTES);
        CHECK(syscall(SYS_CLOSE, fd), 0);
    }
}

static void write_file(int operations) {
    long fd = open_at("written", O_WRONLY | O_CREAT | O_EXCL);
    CHECK(fd >= 3, 1);
    while (operations-- > 0)
        CHECK(syscall(SYS_WRITE, fd, buffer, CHUNK), CHUNK);
    CHECK(syscall(SYS_CLOSE, fd), 0);
}

static void unlink_written(void) { CHECK(syscall(SYS_UNLINKAT, AT_FDCWD, "written", 0), 0); }

static const struct series {
    const char *name;
    int samples, operations;
    void (*sample)(int operations);
    void (*after)(void); /* not timed; may be missing */
} series[] = {
    {"child", 300, 1, child, 0},
    {"call", 50, 1000, call, 0},
    {"open", 50, 200, open_close, 0},
    {"read", 5, FILES, read_files, 0},
    {"write", 3, CHUNKS, write_file, unlink_written},
};
enum { COUNT = sizeof series / sizeof *series };
static unsigned long taken[COUNT][SAMPLES_MAX];

static void measure(const struct series *s, unsigned long *to) {
    int n;
    for (n = 0; n < s->samples; n++) {
        unsigned long start = ticks();
        s->sample(s->operations);
        to[n] = ticks() - start;
        if (s->after) s->after();
    }
}

static void report(const struct series *s, const unsigned long *from) {
    int n;
    print(s->name);
    print(" ");
    print_number(s->operations);
    for (n = 0; n < s->samples; n++) {
        print(" ");
        print_number((long)from[n]);
    }
    print("\n");
}

int main(int argc, char **argv) {
    unsigned long first = ticks();
    int n;
    print("first 1 ");
    print_number((long)first);
    print("\nfrequency ");
    print_number((long)tick_frequency());
    print("\n");
    /* Linux hands words of its command line that it does not know to its init. */
    interpreter = argc > 1 && argv[1][0] == '/' ? argv[1] : 0;
    for (n = 0; n < COUNT; n++)
        measure(&series[n], taken[n]);
    for (n = 0; n < COUNT; n++)
        report(&series[n], taken[n]);
    print("end\n");
    finish(0);
    return 1;
}
