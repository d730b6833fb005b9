/*
 * differ FROM COUNT: random sequences of calls with odd flags, paths, lengths and pointers, and
 * what each of them answered, in /log. The same sequences on Linux must give the same /log
 * (harness/tests/test_differ.pl). What the kernel's README says to be different is not asked for.
 * It needs /true, /child, /fault, /text, which is no program, and /d/keep.
 */
#include "abi/errno.h"
#include "abi/files.h"
#include "abi/processes.h"
#include "check.h"

enum { CALLS = 24, FIRST_FD = 3, LAST_FD = 12, BREAK_MAX = 1 << 22, POSITION_MAX = 1 << 20 };

typedef unsigned long word;

/* ---- Numbers that look random: xorshift64 (Marsaglia, 2003) ---- */

static word state;

static word random_word(void) {
    state ^= state << 13;
    state ^= state >> 7;
    state ^= state << 17;
    return state;
}

static word below(word bound) { return (random_word() >> 11) % bound; }

#define ANY(table) table[below(sizeof(table) / sizeof *(table))]

/* ---- What was asked and answered ---- */

static char text[1 << 16];
static word text_size;

static void say(const char *what) {
    while (*what)
        text[text_size++] = *what++;
}

static void say_hex(word value) {
    char digits[17], *at = digits + 16;
    *at = 0;
    do
        *--at = "0123456789abcdef"[value & 15];
    while (value >>= 4);
    say(" ");
    say(at);
}

static void say_number(long value) {
    say(value < 0 ? " -" : " ");
    char digits[24], *at = digits + 23;
    word rest = value < 0 ? -(word)value : (word)value;
    *at = 0;
    do
        *--at = (char)('0' + rest % 10);
    while (rest /= 10);
    say(at);
}

static void answer(long result) {
    say(" =");
    say_number(result);
    say("\n");
}

static void keep_log(void) {
    long fd = syscall(SYS_OPENAT, AT_FDCWD, "/log", O_WRONLY | O_CREAT | O_APPEND, 0777);
    CHECK(syscall(SYS_WRITE, fd, text, text_size), text_size);
    CHECK(syscall(SYS_CLOSE, fd), 0);
    text_size = 0;
}

static word hash_of(const char *bytes, word size) {
    word hash = 0xcbf29ce484222325; /* FNV-1a */
    while (size-- > 0)
        hash = (hash ^ (unsigned char)*bytes++) * 0x100000001b3;
    return hash & 0xffffffff;
}

/* ---- Arguments ---- */

/* What a path may be used for without meeting a difference that is written down. */
enum { NO_CREATE = 1, NO_UNLINK = 2, FOLDER = 4, NO_CHANGE = 8 };

static char name_255[256], name_256[257], path_4095[4096], path_4096[4097];

static const struct {
    const char *name;
    int use;
} paths[] = {
    {"/a", 0},
    {"/a", 0},
    {"b", 0},
    {"b", 0},
    {"/d/c", 0},
    {"//d//./c", 0},
    {"d/../a", 0},
    {"/../a", 0},
    {"./a", 0},
    {"/a/", 0},
    {"/d/c/", 0},
    {"/a/.", 0},
    {"/a/..", FOLDER},
    {"/a/../b", 0},
    {"/a/../../b", 0},
    {"/a/./b", NO_CREATE},
    {"/a/b", NO_CREATE},
    {"/missing/../a", 0},
    {"/missing/..", FOLDER},
    {"/missing/.", FOLDER},
    {"/missing/../missing/", NO_CREATE},
    {"/missing", NO_CREATE},
    {"/missing/x", NO_CREATE},
    {"/missing/x/", NO_CREATE},
    {"/d", FOLDER},
    {"/d/", FOLDER},
    {"/d/.", FOLDER},
    {"/d/..", FOLDER},
    {"/d/../", FOLDER},
    {"/", FOLDER},
    {"//", FOLDER},
    {"/.", FOLDER},
    {".", FOLDER},
    {"..", FOLDER},
    {"", 0},
    {"/init", NO_UNLINK},
    {"/true", NO_UNLINK | NO_CHANGE},
    {"/true/", NO_UNLINK | NO_CHANGE},
    {"/text", NO_UNLINK},
    {"...", 0},
    {"/..a", 0},
    {name_255, 0},
    {name_256, 0},
    {path_4095, 0},
    {path_4096, 0},
};

static char missing_256[300], file_256[300], back_256[300];
static const char *const long_names[] = {missing_256, file_256, back_256};

static void join(char *to, const char *a, const char *b, const char *c) {
    const char *parts[] = {a, b, c};
    for (int i = 0; i < 3; i++)
        for (const char *at = parts[i]; *at;)
            *to++ = *at++;
    *to = 0;
}

static void make_names(void) {
    memset(name_255, 'n', 255);
    memset(name_256, 'n', 256);
    memset(path_4095, '/', 4094);
    path_4095[4094] = 'a';
    memset(path_4096, '/', 4095);
    path_4096[4095] = 'a';
    join(missing_256, "/missing/", name_256, "");
    join(file_256, "/a/", name_256, "/x");
    join(back_256, "/d/", name_256, "/../c");
}

static char *break_start, *break_now;
static char buffer[POSITION_MAX * 2];

/* The first address that is not mapped behind the break. */
static char *edge(void) { return (char *)(((word)break_now + 4095) & ~4095ul); }

static char *odd_pointer(void) {
    static const word odd[] = {
        0,         8,       0x1000,         0x1ffff0,    1ul << 47,
        1ul << 48, ~0ul,    0xfffful << 48, ~0ul - 4095, 1ul << 56 | 0x600000,
        1ul << 63, 0x600001};
    return (char *)ANY(odd);
}

/* A path for `use`; says what it is. NULL where this path is not for that. */
static const char *some_path(int without, int *ret_use) {
    *ret_use = 0;
    switch (below(16)) {
    case 0: {
        const char *pointer = odd_pointer();
        if (pointer == (char *)0x600001) pointer = 0;
        say_hex((word)pointer);
        return pointer;
    }
    case 1: { /* a name that is cut by the end of memory */
        if (break_now < break_start + 8 || edge() - 2 < break_start) break;
        char *at = edge() - 2;
        at[0] = '/';
        at[1] = (char)(below(2) ? 'a' : 0);
        say(at[1] ? " cut" : " /-at-the-edge");
        if (!at[1]) *ret_use = FOLDER;
        return at;
    }
    case 2: {
        word n = below(3);
        say(" long");
        say_number((long)n);
        *ret_use = NO_CREATE;
        return long_names[n];
    }
    default: break;
    }
    word n;
    do
        n = below(sizeof paths / sizeof *paths);
    while (paths[n].use & without);
    say(" ");
    say(length_of(paths[n].name) < 40 ? paths[n].name : "long");
    say_number((long)n);
    *ret_use = paths[n].use;
    return paths[n].name;
}

static long some_descriptor(void) {
    static const long odd[] = {
        0, 1, 2, -1, 77, 255, 1l << 32, 1l << 31, 0x7fffffff, AT_FDCWD, (long)(~0ul << 32 | 3)};
    long fd = below(6) ? (long)(FIRST_FD + below(4)) : ANY(odd);
    if (below(24) == 0) fd |= 1l << 32;
    say_hex((word)fd);
    return fd;
}

static long some_folder(void) {
    static const long odd[] = {-1,        0, 1, 77, FIRST_FD, FIRST_FD + 1, AT_FDCWD | 1l << 40,
                               0xffffff9c};
    long fd = below(6) ? AT_FDCWD : ANY(odd);
    say_hex((word)fd);
    return fd;
}

static word some_size(void) {
    static const word sizes[] = {0, 1, 2, 100, 4095, 4096, 4097, 10000};
    return ANY(sizes);
}

/* ---- Calls ---- */

static void try_openat(void) {
    static const int bits[] = {O_CREAT,
                               O_CREAT,
                               O_CREAT,
                               O_EXCL,
                               O_TRUNC,
                               O_TRUNC,
                               O_APPEND,
                               O_APPEND,
                               O_DIRECTORY,
                               0100000 /* O_NOFOLLOW */,
                               0200000 /* O_DIRECT */,
                               0400 /* O_NOCTTY */,
                               04000 /* O_NONBLOCK */,
                               04010000 /* O_SYNC */,
                               02000000 /* O_CLOEXEC */,
                               01000000 /* O_NOATIME */,
                               020000 /* O_ASYNC */,
                               010000000 /* O_PATH */,
                               020000000 /* __O_TMPFILE */,
                               1 << 28,
                               1 << 31,
                               4,
                               010,
                               0400000 /* O_LARGEFILE */};
    int use;
    say("openat");
    long folder = some_folder();
    word flags = below(4);
    for (word n = below(4); n > 0; n--)
        flags |= (word)(unsigned)ANY(bits);
    if (below(12) == 0) flags |= random_word() << 32;
    const char *path = some_path(0, &use);
    if (use & NO_CREATE) flags &= ~(word)O_CREAT;
    if (use & NO_CHANGE) flags &= ~(word)(3 | O_TRUNC);
    /* A folder cannot be opened, and nothing but a file be made. */
    if (use & FOLDER) flags = (flags & ~(010000000ul | 020000000ul | 3)) | O_WRONLY;
    say_hex(flags);
    long fd = syscall(SYS_OPENAT, folder, path, flags, 0777);
    answer(fd);
    if (fd > LAST_FD) syscall(SYS_CLOSE, fd);
}

static void try_close(void) {
    say("close");
    long fd = some_descriptor();
    if ((int)fd >= 0 && (int)fd <= 2) fd = -1; /* 0, 1 and 2 stay */
    answer(syscall(SYS_CLOSE, fd));
}

/* A place of memory, and how much to move there; not more than is safe from a good one. */
static char *some_memory(word *ret_size) {
    static const word sizes[] = {1ul << 31, 1ul << 47, 1ul << 48, 1ul << 50,
                                 1ul << 63, ~0ul,      ~0ul >> 1, 0x7ffff001};
    word kind = below(8), size = below(4) ? some_size() : ANY(sizes);
    char *at = buffer;
    if (kind == 0) at = odd_pointer();
    if (kind == 1) at = edge() - below(3) * 50;
    if (kind == 2) at = (char *)(word) "constant";
    if (at < break_start && kind == 1) at = edge();
    if (kind > 2 || kind == 2) size = size > 10000 && size < (1ul << 48) ? 10000 : size;
    if (at == (char *)0x600001 && size < 1ul << 48) size &= 15;
    say(kind == 0 ? " odd" : kind == 1 ? " edge" : kind == 2 ? " constant" : " buffer");
    if (kind == 0) say_hex((word)at);
    if (kind == 1) say_number(at - edge());
    say_hex(size);
    *ret_size = size;
    return at;
}

static void try_read(void) {
    word size;
    say("read");
    long fd = some_descriptor();
    char *at = some_memory(&size);
    long got = syscall(SYS_READ, fd, at, size);
    if (got > 0) say_hex(hash_of(at, (word)got));
    answer(got);
}

static void try_write(void) {
    word size;
    say("write");
    long fd = some_descriptor();
    const char *at = some_memory(&size);
    long position = syscall(SYS_LSEEK, fd, 0, SEEK_CUR);
    if (((int)fd >= 0 && (int)fd <= 2 && size < 1ul << 48) || position > POSITION_MAX) size = 0;
    if (at == (char *)(word) "constant" && size < 1ul << 48) size &= 7;
    answer(syscall(SYS_WRITE, fd, at, size));
}

static void try_lseek(void) {
    static const long offsets[] = {0,
                                   0,
                                   1,
                                   -1,
                                   3,
                                   100,
                                   -100,
                                   4096,
                                   5000,
                                   -5000,
                                   1l << 31,
                                   (1l << 32) - 2,
                                   1l << 40,
                                   0x7fffffffffffffff,
                                   ~0x7fffffffffffffff,
                                   -4096,
                                   0x7ffffffffffff000};
    static const long whences[] = {0, 1, 2, 0, 1, 2, 3, 4, 5, 99, -1, 1l << 32, (1l << 32) + 2};
    say("lseek");
    long fd = some_descriptor(), offset = ANY(offsets), whence = ANY(whences);
    say_hex((word)offset);
    say_hex((word)whence);
    answer(syscall(SYS_LSEEK, fd, offset, whence));
}

static void try_unlinkat(void) {
    static const long flags[] = {
        0,        0, 0,      0,  AT_REMOVEDIR, AT_REMOVEDIR, AT_REMOVEDIR | 1l << 32,
        1l << 32, 1, 0x1000, -1, 0x400,        1l << 31};
    int use;
    say("unlinkat");
    long folder = some_folder(), flag = ANY(flags);
    const char *path = some_path(NO_UNLINK, &use);
    say_hex((word)flag);
    answer(syscall(SYS_UNLINKAT, folder, path, flag));
}

static void try_brk(void) {
    static const long moves[] = {0, 1, -1, 100, 4096, -4096, 4095, -4095, 70000, -70000, 1 << 20};
    say("brk");
    long move = ANY(moves);
    char *wanted = break_now + move;
    word kind = below(10);
    if (kind == 0) wanted = 0;
    if (kind == 1) wanted = break_start - 1;
    if (kind == 2) wanted = (char *)~0ul;
    if (kind == 3) wanted = (char *)(1ul << 40);
    if (wanted > break_start + BREAK_MAX && kind > 3) wanted = break_start;
    if (kind > 3) say_number(move);
    char *now = (char *)syscall(SYS_BRK, wanted);
    if (now > break_now) say_number(now[-1]);
    break_now = now;
    if (now > break_start) now[-1] = (char)below(100);
    answer(now - break_start);
}

static long children[4];
static word child_count;

/* A new child; an error is the answer itself. It has ended when this returns. */
static void try_spawn(void) {
    static char *seven[] = {"child", "7", 0}, *many[] = {"child", "263", "a", "b", 0},
                *read[] = {"fault", "null-read", 0}, *udf[] = {"fault", "undefined", 0},
                *brk[] = {"fault", "breakpoint", 0}, *one[] = {"x", 0};
    static struct {
        const char *path;
        char **argv;
    } programs[] = {{"/child", seven}, {"child", many}, {"/fault", read},    {"/fault", udf},
                    {"/fault", brk},   {"/true", one},  {"/d/../true", one}, {"//true", one}};
    int use, info[32];
    const char *path;
    char **argv = one, *bad[] = {"x", (char *)8, 0};
    say("spawn");
    word n = below(sizeof programs / sizeof *programs), kind = below(3);
    if (kind > 0) {
        path = programs[n].path;
        argv = programs[n].argv;
        say_number((long)n);
        if (below(16) == 0) argv = below(2) ? bad : (char **)(1ul << 40);
    } else {
        path = some_path(0, &use);
        if (use & NO_UNLINK) path = "/text"; /* not this program */
    }
    long pid = start_child(path, argv);
    if (pid > 0) {
        /* On Linux a child that has ended is the parent's when its tracer has seen the end. */
        syscall(SYS_WAITID, P_PID, pid, info, WEXITED | WNOWAIT, 0);
        say_number(info[2]);
        say_number(info[6]);
        if (child_count < 4)
            children[child_count++] = pid;
        else
            syscall(SYS_WAITID, P_PID, pid, info, WEXITED, 0);
    }
    answer(pid > 0 ? 1 : pid);
}

static void try_waitid(void) {
    static const word options[] = {WEXITED,
                                   WEXITED,
                                   WEXITED | WNOWAIT,
                                   WEXITED | WNOHANG,
                                   WSTOPPED | WNOHANG,
                                   0,
                                   WNOHANG,
                                   WEXITED | 8,
                                   16,
                                   WEXITED | 0x40000000,
                                   WEXITED | 0x20000000,
                                   WEXITED | 0x80000000,
                                   1ul << 32,
                                   1ul << 32 | WEXITED,
                                   0xff};
    static const long types[] = {P_PID, P_PID, P_PID, P_PID, P_ALL, 4, -1, (1l << 32) | P_PID, 99};
    static const long pids[] = {0, -1, 1, 30000, 0x7fffffff, 1l << 31};
    int info[32] = {9, 9, 9, 9, 9, 9, 9};
    say("waitid");
    long type = ANY(types), pid = ANY(pids);
    word n = below(5), option = ANY(options), pointer = below(8);
    if (n < child_count) pid = children[n];
    if (below(16) == 0) pid |= 1l << 32;
    say_hex((word)type);
    say_hex(n < child_count ? n : (word)pid);
    say_hex(option);
    void *to = pointer == 0   ? (void *)odd_pointer()
               : pointer == 1 ? 0
               : pointer == 2 ? edge() - 8
                              : (void *)info;
    if (to == (void *)0x600001) to = 0;
    say_hex(pointer);
    if (pointer == 0) say_hex((word)to);
    void *usage = below(12) ? 0 : odd_pointer();
    if (usage == (void *)0x600001) usage = 0;
    if (usage) say_hex((word)usage);
    long result = syscall(SYS_WAITID, type, pid, to, option, usage);
    if (to == info) {
        static const int shown[] = {0, 1, 2, 6};
        for (int i = 0; i < 4; i++)
            say_number(info[shown[i]]);
        for (word i = 0; i < child_count; i++)
            if (info[4] == children[i]) say(" child");
    }
    answer(result);
}

/* ---- A sequence ---- */

static void make_file(const char *path, word size) {
    long fd = syscall(SYS_OPENAT, AT_FDCWD, path, O_WRONLY | O_CREAT | O_TRUNC, 0777);
    CHECK(fd >= 0, 1);
    for (word i = 0; i < size; i++)
        buffer[i] = (char)('a' + (i * 7 + size) % 26);
    CHECK(syscall(SYS_WRITE, fd, buffer, size), size);
    CHECK(syscall(SYS_CLOSE, fd), 0);
}

static void clean(void) {
    for (long fd = FIRST_FD; fd <= LAST_FD; fd++)
        syscall(SYS_CLOSE, fd);
    while (syscall(SYS_WAITID, P_ALL, 0, 0, WEXITED | WNOHANG, 0) == 0 && child_count > 0)
        child_count--;
    child_count = 0;
    for (word n = 0; n < sizeof paths / sizeof *paths; n++)
        if (!(paths[n].use & (NO_UNLINK | FOLDER)))
            syscall(SYS_UNLINKAT, AT_FDCWD, paths[n].name, 0);
    break_now = (char *)syscall(SYS_BRK, break_start);
}

static void sequence(word number) {
    static void (*const calls[])(void) = {
        try_openat,   try_openat,   try_openat, try_openat, try_read,  try_read,
        try_write,    try_write,    try_write,  try_lseek,  try_lseek, try_close,
        try_unlinkat, try_unlinkat, try_brk,    try_spawn,  try_waitid};
    state = (number + 1) * 0x9e3779b97f4a7c15;
    say("sequence");
    say_number((long)number);
    say("\n");
    clean();
    make_file("/a", 5000);
    make_file("/d/c", 10);
    make_file("/text", 100);
    memset(buffer, 'B', 10000);
    for (int i = 0; i < CALLS; i++)
        ANY(calls)();
    keep_log();
}

int main(int argc, char **argv) {
    CHECK(argc, 3);
    word from = number_of(argv[1]), count = number_of(argv[2]);
    make_names();
    break_start = break_now = (char *)syscall(SYS_BRK, 0);
    break_start = break_now = (char *)syscall(SYS_BRK, ((word)break_start + 4095) & ~4095ul);
    for (word n = 0; n < count; n++)
        sequence(from + n);
    clean();
    return 0;
}
