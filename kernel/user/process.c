/*
 * process CASE: spawn and waitid. The program is /init, its children are /init with other cases,
 * /child, /true and /rwx.
 */
#include "abi/errno.h"
#include "abi/files.h"
#include "abi/processes.h"
#include "check.h"

static char bytes[0x40000];
static char *no_args[] = {"x", 0};

static long spawn(const char *path, char **argv) { return syscall(SYS_SPAWN, path, argv); }

static long wait_for(long type, long pid, void *info, long options) {
    return syscall(SYS_WAITID, type, pid, info, options, 0);
}

/* Copies a file, changes `size` bytes at `offset`, keeps `keep` bytes of it; the new size. */
static long copy(const char *from, const char *to, long offset, const void *change, long size,
                 long keep) {
    long in = syscall(SYS_OPENAT, AT_FDCWD, from, O_RDONLY, 0);
    long out = syscall(SYS_OPENAT, AT_FDCWD, to, O_WRONLY | O_CREAT | O_TRUNC, 0755);
    long got = syscall(SYS_READ, in, bytes, sizeof bytes);
    CHECK(got > 0 && got < (long)sizeof bytes, 1);
    memcpy(bytes + offset, change, (size_type)size);
    if (keep > got) keep = got;
    CHECK(syscall(SYS_WRITE, out, bytes, keep), keep);
    CHECK(syscall(SYS_CLOSE, in), 0);
    CHECK(syscall(SYS_CLOSE, out), 0);
    return keep;
}

static void test_spawn_errors(void) {
    static char long_text[5 << 20];
    char *huge[] = {long_text, 0}, *bad[] = {"x", (char *)16, 0};
    CHECK(spawn("", no_args), -ENOENT);
    CHECK(spawn("/none", no_args), -ENOENT);
    CHECK(spawn("/init/x", no_args), -ENOTDIR);
    CHECK(spawn("/folder", no_args), -EACCES);
    CHECK(spawn("/true", (char **)8), -EFAULT);
    CHECK(spawn("/true", bad), -EFAULT);
    memset(long_text, 'x', sizeof long_text - 1);
    CHECK(spawn("/true", huge), -E2BIG);
    /* Too many, before the end of the array is found to be the end of the memory. */
    char **many = (char **)((syscall(SYS_BRK, 0) + 0xfff) & ~0xffful), **end = many + (4 << 20) / 8;
    CHECK(syscall(SYS_BRK, end), end);
    while (end > many)
        *--end = long_text + sizeof long_text - 1;
    CHECK(spawn("/true", many), -E2BIG);
    CHECK(wait_for(P_ALL, 0, 0, WEXITED), -ECHILD);
}

/* The longest argv: a quarter of the stack less argc, argv, envp and auxv, eight words. Apart,
 * since `spawnlog` prints all of it. */
static void test_long_argv(void) {
    static char long_text[(4 << 20) - 64 + 1];
    char *longest[] = {long_text + 1, 0}, *longer[] = {long_text, 0};
    memset(long_text, 'x', sizeof long_text - 1);
    CHECK(run("/true", longest), 0);
    CHECK(spawn("/true", longer), -E2BIG);
}

/* Every damaged program is refused and the parent goes on. */
static void test_bad_programs(void) {
    static const struct {
        const char *what;
        long offset, size, keep;
        unsigned long value;
    } changes[] = {
        {"truncated", 0, 0, 0x80, 0},
        {"header only", 0, 0, 64, 0},
        {"less than a header", 0, 0, 63, 0},
        {"empty", 0, 0, 0, 0},
        {"magic", 0, 4, 1 << 20, 0x464c457e},
        {"32-bit", 4, 1, 1 << 20, 1},
        {"big endian", 5, 1, 1 << 20, 2},
        {"shared object", 16, 2, 1 << 20, 3},
        {"x86-64", 18, 2, 1 << 20, 62},
        {"program headers beyond the file", 32, 8, 1 << 20, 1ul << 40},
        {"program headers wrap", 32, 8, 1 << 20, ~0ul - 8},
        {"size of a program header", 54, 2, 1 << 20, 32},
        {"65535 program headers", 56, 2, 1 << 20, 65535},
        {"none", 56, 2, 1 << 20, 0},
        {"dynamic", 64, 4, 1 << 20, 3},
        {"offset beyond any file", 64 + 8, 8, 1 << 20, 1ul << 63},
        {"offset wraps", 64 + 8, 8, 1 << 20, ~0xffful},
        {"offset not congruent", 64 + 8, 8, 1 << 20, 8},
        {"below user addresses", 64 + 16, 8, 1 << 20, 0x1ff000},
        {"in the stack", 64 + 16, 8, 1 << 20, 0x3efff000},
        {"kernel address", 64 + 16, 8, 1 << 20, 0x40080000},
        {"address wraps", 64 + 16, 8, 1 << 20, ~0xffful},
        {"file size beyond the file", 64 + 32, 8, 1 << 20, 1ul << 30},
        {"memory smaller than file", 64 + 40, 8, 1 << 20, 1},
        {"huge memory", 64 + 40, 8, 1 << 20, 1ul << 62},
    };
    unsigned n;
    for (n = 0; n < sizeof changes / sizeof *changes; n++) {
        copy("/true", "/bad", changes[n].offset, &changes[n].value, changes[n].size,
             changes[n].keep);
        long got = spawn("/bad", no_args);
        if (got != -ENOEXEC) {
            print(changes[n].what);
            print(": ");
        }
        CHECK(got, -ENOEXEC);
    }
    CHECK(run("/true", no_args), 0);
    /* Linux maps what lies beyond the file: the first instruction is a SIGBUS. */
    const unsigned long beyond = 1ul << 40;
    copy("/true", "/bad", 64 + 8, &beyond, 8, 1 << 20);
    CHECK(spawn("/bad", no_args) > 0, 1);
}

/* Two segments on one page. */
static void test_overlap(void) {
    unsigned long headers[14] = {0x500000001, 0, 0x600000, 0x600000, 64, 64, 0x1000,
                                 0x600000001, 0, 0x600000, 0x600000, 64, 64, 0x1000};
    const unsigned short count = 2;
    copy("/true", "/bad", 64, headers, sizeof headers, 1 << 20);
    copy("/bad", "/worse", 56, &count, 2, 1 << 20);
    CHECK(spawn("/worse", no_args), -ENOEXEC);
    headers[9] = 0x601000;
    copy("/worse", "/entry", 64, headers, sizeof headers, 1 << 20);
    CHECK(spawn("/entry", no_args) > 0, 1); /* loads, and does whatever the entry holds */
}

/* Ticks of one spawn of a program that exits with 0. */
static unsigned long ticks_of_run(const char *path) {
    unsigned long start = ticks();
    CHECK(run(path, no_args), 0);
    return ticks() - start;
}

/* Makes a file 4 GiB - 1 bytes long, as long as can be; what is new is a hole. */
static void lengthen(const char *path) {
    long fd = syscall(SYS_OPENAT, AT_FDCWD, path, O_WRONLY | O_CREAT, 0755);
    CHECK(syscall(SYS_LSEEK, fd, 0xfffffffel, SEEK_SET), 0xfffffffel);
    CHECK(syscall(SYS_WRITE, fd, "", 1), 1);
    CHECK(syscall(SYS_CLOSE, fd), 0);
}

/* The first spawn of a file costs what there is to load, whatever its size and that of its holes:
 * at most 1 ms more than the small program. To be run on QEMU's instruction counter. */
static void test_sparse(void) {
    enum { HZ = 62500000, MORE = HZ / 1000 };
    const unsigned long hole = 0x38000000;
    copy("/true", "/small", 0, "\177", 1, 1 << 20);
    copy("/true", "/large", 64 + 32, &hole, 8, 1 << 20);   /* p_filesz of the only segment */
    copy("/large", "/sparse", 64 + 40, &hole, 8, 1 << 20); /* p_memsz */
    lengthen("/sparse");
    lengthen("/bad");
    unsigned long small = ticks_of_run("/small"), first = ticks_of_run("/sparse"),
                  again = ticks_of_run("/sparse"), start = ticks();
    CHECK(spawn("/bad", no_args), -ENOEXEC);
    CHECK(ticks() - start < small + MORE, 1);
    CHECK(first < small + MORE, 1);
    CHECK(again < small + MORE, 1);
    CHECK(syscall(SYS_UNLINKAT, AT_FDCWD, "/sparse", 0), 0);
    CHECK(syscall(SYS_UNLINKAT, AT_FDCWD, "/bad", 0), 0);
}

static void test_text_busy(void) {
    long fd = syscall(SYS_OPENAT, AT_FDCWD, "/copy", O_WRONLY | O_CREAT, 0755);
    CHECK(spawn("/copy", no_args), -ETXTBSY);
    CHECK(syscall(SYS_CLOSE, fd), 0);
    CHECK(spawn("/copy", no_args), -ENOEXEC);
    CHECK(syscall(SYS_OPENAT, AT_FDCWD, "/init", O_WRONLY, 0), -ETXTBSY);
    CHECK(syscall(SYS_OPENAT, AT_FDCWD, "/init", O_RDONLY | O_TRUNC, 0), -ETXTBSY);
    CHECK(syscall(SYS_UNLINKAT, AT_FDCWD, "/init", 0), 0);
    CHECK(spawn("/init", no_args), -ENOENT);
}

/* A file that is rewritten runs its new bytes. */
static void test_rewrite(void) {
    char *three[] = {"child", "3", 0};
    const unsigned long nowhere = 0;
    int n;
    for (n = 0; n < 5; n++) {
        copy("/true", "/copy", 0, "", 0, 1 << 20);
        CHECK(run("/copy", three), 0);
        CHECK(run("/copy", three), 0);
        copy("/child", "/copy", 0, "", 0, 1 << 20);
        CHECK(run("/copy", three), 3);
        CHECK(run("/copy", three), 3);
    }
    /* The same where it stands, without O_TRUNC: the entry is NULL, then the magic. */
    for (n = 24; n >= 0; n -= 24) {
        long fd = syscall(SYS_OPENAT, AT_FDCWD, "/copy", O_WRONLY, 0);
        CHECK(syscall(SYS_LSEEK, fd, n, SEEK_SET), n);
        CHECK(syscall(SYS_WRITE, fd, &nowhere, sizeof nowhere), sizeof nowhere);
        CHECK(syscall(SYS_CLOSE, fd), 0);
        CHECK(run("/copy", three), n ? 256 + SIGSEGV : -ENOEXEC);
    }
}

static void test_waitid(void) {
    char *seven[] = {"child", "7", 0}, *nine[] = {"child", "265", 0},
         *crash[] = {"init", "crash", 0};
    int info[32], n;
    long usage[19];
    CHECK(wait_for(P_PID, 1, info, WEXITED), -ECHILD);
    CHECK(wait_for(P_PID, 0, info, WEXITED), -EINVAL);
    CHECK(wait_for(5, 1, info, WEXITED), -EINVAL);
    long first = spawn("/child", seven), second = spawn("/child", nine);
    CHECK(second, first + 1);
    CHECK(wait_for(P_PID, second, info, 0), -EINVAL);
    CHECK(wait_for(P_PID, second, info, 16 | WEXITED), -EINVAL);
    CHECK(wait_for(P_PID, second, (void *)8, WEXITED | WNOWAIT), -EFAULT);
    memset(info, -1, sizeof info);
    CHECK(wait_for(P_PID, second, info, WSTOPPED), -ECHILD);
    CHECK(info[0], 0);
    CHECK(wait_for(P_PID, second, info, WEXITED | WNOWAIT), 0);
    CHECK(info[3], -1);
    /* struct rusage, 144 bytes, of which nothing is counted. */
    CHECK(syscall(SYS_WAITID, P_PID, second, info, WEXITED | WNOWAIT, 8), -EFAULT);
    memset(usage, -1, sizeof usage);
    CHECK(syscall(SYS_WAITID, P_PID, second, 0, WEXITED | WNOWAIT, usage), 0);
    for (n = 0; n < 18; n++)
        CHECK(usage[n], 0);
    CHECK(usage[18], -1);
    CHECK(wait_for(P_PID, second, info, WEXITED), 0);
    CHECK(info[0], SIGCHLD);
    CHECK(info[1], 0);
    CHECK(info[2], CLD_EXITED);
    CHECK(info[4], second);
    CHECK(info[6], 9);
    CHECK(wait_for(P_PID, second, info, WEXITED), -ECHILD);
    CHECK(wait_for(P_ALL, 0, info, WEXITED | WNOHANG), 0);
    CHECK(info[4], first);
    CHECK(info[6], 7);
    CHECK(wait_for(P_ALL, 0, info, WEXITED), -ECHILD);
    first = spawn("/child", seven);
    second = spawn("/child", nine);
    CHECK(wait_for(P_ALL, 0, info, WEXITED), 0);
    CHECK(info[4], first); /* the oldest first */
    CHECK(wait_for(P_ALL, 0, info, WEXITED), 0);
    CHECK(info[4], second);
    long third = spawn("/init", crash);
    CHECK(wait_for(P_PID, third, info, WEXITED), 0);
    CHECK(info[2], CLD_KILLED);
    CHECK(info[6], SIGSEGV);
    char *leaves[] = {"init", "exit", 0};
    CHECK(run("/init", leaves), 300 & 255);
    CHECK(spawn("/child", seven) > 0, 1); /* left alone: the kernel frees it */
}

/* exit, where other programs end with exit_group. */
static void test_exit(void) { syscall(SYS_EXIT, 300); }

static void test_crash(void) { *(volatile int *)0 = 0; }

/* Descriptors 0 to 2 are inherited with their offset, others are not. */
static void test_inherit(void) {
    char *child[] = {"init", "inherited", 0}, text[64];
    CHECK(syscall(SYS_CLOSE, 0), 0);
    CHECK(syscall(SYS_OPENAT, AT_FDCWD, "/text", O_RDWR | O_CREAT, 0644), 0);
    CHECK(syscall(SYS_OPENAT, AT_FDCWD, "/text", O_RDWR, 0), 3);
    CHECK(syscall(SYS_WRITE, 0, "parent ", 7), 7);
    CHECK(run("/init", child), 0);
    CHECK(syscall(SYS_WRITE, 0, " parent", 7), 7);
    CHECK(syscall(SYS_READ, 3, text, sizeof text), 19);
    text[19] = 0;
    CHECK(same(text, "parent child parent"), 1);
}

static void test_inherited(void) {
    CHECK(syscall(SYS_WRITE, 3, "x", 1), -EBADF);
    CHECK(syscall(SYS_WRITE, 0, "child", 5), 5);
    CHECK(syscall(SYS_CLOSE, 0), 0);
}

static void test_registers(void) {
    char *dirty[] = {"init", "dirty", 0}, *fresh[] = {"init", "fresh", 0};
    int info[32], n;
    CHECK(start_state(), 0);
    for (n = 0; n < 3; n++) {
        CHECK(spawn_keeping("/init", dirty) > 0, 1);
        long pid = spawn_keeping("/init", fresh);
        CHECK(wait_for(P_PID, pid, info, WEXITED), 0);
        CHECK(info[2], CLD_EXITED);
        CHECK(info[6], 0);
    }
    CHECK(spawn_keeping("/none", no_args), -ENOENT);
}

/* No interrupt will ever come: hints that would wait for one are passed over. */
static void test_wait_hints(void) { wait_for_interrupt(); }

/* Programs may read both counters, which are one: whoever was at EL2 left no offset. */
static void test_counters(void) {
    unsigned long before = ticks(), physical = physical_ticks(), after = ticks();
    CHECK(before <= physical && physical <= after, 1);
}

static void test_dirty(void) { dirty_state(); }

static void test_fresh(void) { CHECK(start_state(), 0); }

/* A program whose one segment is readable, writable and executable, as the chain's are. It changes
 * its own text and data; each run must find both as they are in the file. */
static void test_rwx(void) {
    char *once[] = {"rwx", 0}, *nested[] = {"rwx", "3", 0};
    int n;
    for (n = 0; n < 4; n++) {
        CHECK(run("/rwx", once), 0);
        CHECK(run("/rwx", nested), 0);
    }
}

/* 10,000 children, every other spawn failing. */
static void test_wide(void) {
    long n, last = 0;
    for (n = 0; n < 10000; n++) {
        CHECK(spawn(n % 2 ? "/none" : "/notelf", no_args), n % 2 ? -ENOENT : -ENOEXEC);
        long pid = spawn("/true", no_args);
        CHECK(pid > last, 1);
        last = pid;
        CHECK(wait_for(P_PID, pid, 0, WEXITED), 0);
    }
}

/* argv arrives as given, also empty arguments and none. */
static void test_args(void) {
    char *none[] = {0}, *some[] = {"init", "args-child", "", "two words", "=,%", 0};
    CHECK(run("/noargs", none), -ENOENT);
    CHECK(run("/init", some), 0);
    CHECK(run("/true", none), 0);
    /* The stack's alignment and its end, for odd and even numbers of arguments of any length. */
    int more, length;
    for (more = 0; more < 2; more++) {
        for (length = 0; length < 16; length++) {
            char name[] = "abcdefghijklmnop", *argv[] = {name, "stack-child", more ? "x" : 0, 0};
            name[length] = 0;
            CHECK(run("/init", argv), 0);
        }
    }
}

static int arguments;
static char **argument;

static void test_args_child(void) {
    CHECK(arguments, 5);
    CHECK(argument[2][0], 0);
    CHECK(same(argument[3], "two words"), 1);
    CHECK(same(argument[4], "=,%"), 1);
    CHECK((long)argument[5], 0);
    CHECK((long)argument[6], 0); /* envp */
    CHECK((long)argument[7], AT_PAGESZ);
    CHECK((long)argument[8], 4096);
    CHECK((long)argument[9], 0); /* AT_NULL */
    CHECK((long)argument[10], 0);
    CHECK((unsigned long)argument % 16, 8);
}

static void test_stack_child(void) {
    static const long last[] = {
        0 /* argv's */, 0 /* envp's */, AT_PAGESZ, 4096, 0, 0 /* AT_NULL */};
    for (int n = 0; n < 6; n++)
        CHECK((long)argument[arguments + n], last[n]);
    CHECK((unsigned long)argument % 16, 8);
}

static const struct test_case cases[] = {{"spawn-errors", test_spawn_errors},
                                         {"long-argv", test_long_argv},
                                         {"bad-programs", test_bad_programs},
                                         {"overlap", test_overlap},
                                         {"sparse", test_sparse},
                                         {"text-busy", test_text_busy},
                                         {"rewrite", test_rewrite},
                                         {"waitid", test_waitid},
                                         {"crash", test_crash},
                                         {"exit", test_exit},
                                         {"inherit", test_inherit},
                                         {"inherited", test_inherited},
                                         {"registers", test_registers},
                                         {"wait-hints", test_wait_hints},
                                         {"counters", test_counters},
                                         {"dirty", test_dirty},
                                         {"fresh", test_fresh},
                                         {"rwx", test_rwx},
                                         {"wide", test_wide},
                                         {"args", test_args},
                                         {"args-child", test_args_child},
                                         {"stack-child", test_stack_child},
                                         {0, 0}};

int main(int argc, char **argv) {
    arguments = argc;
    argument = argv;
    return run_case(cases, argc, argv);
}
