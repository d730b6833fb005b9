/*
 * differ FROM COUNT: random sequences of calls with odd flags, paths, lengths and pointers, and
 * what each of them answered, in /log. The same sequences on Linux must give the same /log
 * (harness/tests/test_differ.pl). What the kernel's README says to be different is not asked for.
 * It needs /true, /child, /fault, /text, which is not a program, and /d/keep.
 */
#include "abi/errno.h"
#include "abi/files.h"
#include "abi/processes.h"
#include "abi/signals.h"
#include "abi/stat.h"
#include "check.h"

enum { CALLS = 48, FIRST_FD = 3, LAST_FD = 12, BREAK_MAX = 1 << 22, POSITION_MAX = 1 << 20 };

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

/* ---- Calls of tier 3 ---- */

static struct {
    char *base;
    word size;
} pieces[1025];

/* Pieces of the buffer, now and then one that is not good or an array that is not; how many. Good
 * ones alone where the descriptor can do nothing with them: the order of those errors is not
 * specified.
 */
static void *some_pieces(word *ret_count, int only_good) {
    static const word odd_sizes[] = {1ul << 63, ~0ul, ~0ul >> 1, 1ul << 48, 1ul << 47};
    static const word odd_counts[] = {1025, ~0ul, 1ul << 32, 1ul << 31, 1ul << 63, 1024, 1024};
    word count = below(5), kind = below(12);
    if (kind == 0 && !only_good) count = ANY(odd_counts);
    word last = count > 1025 ? 1025 : count;
    for (word n = 0; n < last; n++) {
        pieces[n].base = buffer + below(8) * 100;
        pieces[n].size = count < 5 ? some_size() : n % 7 == 0;
    }
    word at = below(5), what = below(8);
    if (!only_good && at < last) {
        if (what == 0) pieces[at].base = odd_pointer();
        if (what == 1) pieces[at].size = ANY(odd_sizes);
        if (what == 2) pieces[at].base = edge() - 50 * below(3);
        if (pieces[at].base == (char *)0x600001 || pieces[at].base < break_start)
            if (what == 2 || pieces[at].base == (char *)0x600001) pieces[at].size = 0;
        say_number((long)what);
        say_hex(what == 0 ? (word)pieces[at].base : what == 1 ? pieces[at].size : 0);
    }
    say_hex(count);
    *ret_count = count;
    if (only_good || below(16)) return pieces;
    char *array = odd_pointer();
    if (array == (char *)0x600001) array = 0;
    say_hex((word)array);
    return array;
}

static void try_readv(void) {
    word count;
    say("readv");
    long fd = some_descriptor();
    void *array = some_pieces(&count, syscall(SYS_READ, fd, buffer, 0) < 0);
    memset(buffer, 'C', 20000);
    long got = syscall(SYS_READV, fd, array, count);
    if (got > 0) say_hex(hash_of(buffer, 20000));
    answer(got);
}

static void try_writev(void) {
    word count;
    say("writev");
    long fd = some_descriptor();
    if ((int)fd >= 0 && (int)fd <= 2) fd = 77;
    void *array = some_pieces(&count, syscall(SYS_WRITE, fd, buffer, 0) < 0);
    if (syscall(SYS_LSEEK, fd, 0, SEEK_CUR) > POSITION_MAX) count = 0;
    answer(syscall(SYS_WRITEV, fd, array, count));
}

/* Anonymous memory is asked for in a place that both kernels have free; answers are relative to it,
 * and what lies elsewhere is given back. */
enum { PAGE = 4096, ARENA_PAGES = 16 };
static char *arena;

static void place_arena(void) {
    arena = (char *)0x20000000;
    if (break_start > arena - (1 << 24) && break_start < arena + (1 << 24)) arena += 1 << 28;
}

static char *some_place(void) {
    char *at = arena + PAGE * below(ARENA_PAGES);
    if (below(10) == 0) at += below(2) ? 1 : PAGE / 2;
    say_number(at - arena);
    return at;
}

static word some_length(void) {
    static const word odd[] = {0, 1, 4097, 8191, 1ul << 48, ~0ul, ~0ul - 4095, 1ul << 63};
    word length = below(4) ? PAGE * (1 + below(5)) : ANY(odd);
    say_hex(length);
    return length;
}

/* Execution alone is not asked for: what may then be read depends on the CPU. */
static word some_rights(const word *odd, word count) {
    static const word rights[] = {0, 1, 2, 3, 3, 3, 5, 7};
    word right = below(8) ? ANY(rights) : odd[below(count)];
    say_hex(right);
    return right;
}

static void try_mmap(void) {
    static const word kinds[] = {0x22, 0x22, 0x21, 0x20, 0x23, 0x2f, 0x02, 0x01, 1ul << 40 | 0x22};
    static const word places[] = {0x10, 0x10, 0x10, 0x100000, 0x100000, 0x100010, 0};
    static const word odd_rights[] = {9, 0x41, 1ul << 32 | 1};
    static const word odd_places[] = {1ul << 48, ~0ul - 4095, ~0ul - 8190, 1ul << 63};
    static const word offsets[] = {0, 0, 0, 4096, 1, 1ul << 63, ~0ul - 4095};
    say("mmap");
    char *wanted = some_place();
    word length = some_length(), rights = some_rights(odd_rights, 3);
    word kind = below(3) ? 0x22 : ANY(kinds), flags = kind | ANY(places), offset = ANY(offsets);
    if (below(12) == 0) wanted = (char *)ANY(odd_places);
    if ((word)(wanted - arena) > 1 << 20) say_hex((word)wanted);
    say_hex(flags);
    say_hex(offset);
    long fd = kind & 0x20 ? some_descriptor() : 77;
    long got = syscall(SYS_MMAP, wanted, length, rights, flags, fd, offset);
    if (got < 0 && got > -4096) {
        answer(got);
    } else if ((word)(got - (long)arena) < PAGE * (ARENA_PAGES + 5)) {
        answer(got - (long)arena);
    } else {
        if (rights & 2) *(char *)got = 1;
        say(" elsewhere");
        answer(syscall(SYS_MUNMAP, got, length));
    }
}

static void try_munmap(void) {
    static const word odd[] = {1ul << 48, ~0ul - 4095, 1ul << 47, 0x1000};
    say("munmap");
    char *at = some_place();
    word length = some_length();
    if (below(12) == 0) {
        at = (char *)ANY(odd);
        say_hex((word)at);
    }
    if (below(12) == 0) at = (char *)((word)at | 0xab00000000000000);
    answer(syscall(SYS_MUNMAP, at, length));
}

static void try_mprotect(void) {
    static const word odd_rights[] = {9, 0x41, 1ul << 32 | 1, 0x80};
    say("mprotect");
    char *at = some_place();
    word length = some_length(), rights = some_rights(odd_rights, 4);
    if (below(12) == 0) at = (char *)((word)at | 0xab00000000000000);
    answer(syscall(SYS_MPROTECT, at, length, rights));
}

/* What a page has, if it may be read; whether the kernel may write it; and then it is written. */
static void try_touch(void) {
    say("touch");
    char *at = arena + PAGE * below(ARENA_PAGES + 4) + below(2) * (PAGE - 1);
    say_number(at - arena);
    long fd = syscall(SYS_OPENAT, AT_FDCWD, "/touched", O_WRONLY | O_CREAT, 0777);
    long readable = syscall(SYS_WRITE, fd, at, 1);
    syscall(SYS_CLOSE, fd);
    if (readable == 1) say_number(*at);
    long writable = below(2) ? syscall(SYS_GETCWD, (word)at & ~1ul, 2) : 0;
    if (writable == 2) *at = (char)below(100);
    say_number(writable);
    answer(readable);
}

static void try_stat(void) {
    static const word flags[] = {0,      0,      0,      0x100, 0x1000,    0x1000,    0x800,
                                 0x2000, 0x6000, 0x1100, 0x200, 1ul << 31, 1ul << 32, 0x8000};
    struct stat stat;
    int use;
    word by_name = below(2), flag = ANY(flags), pointer = below(8);
    say(by_name ? "newfstatat" : "fstat");
    struct stat *to = pointer ? &stat : (struct stat *)odd_pointer();
    if (to == (struct stat *)0x600001) to = 0;
    if (!pointer) say_hex((word)to);
    memset(&stat, 9, sizeof stat);
    long fd = by_name ? some_folder() : some_descriptor();
    const char *path = by_name ? some_path(0, &use) : 0;
    if (by_name && (int)fd != AT_FDCWD && below(8) == 0) path = "";
    if (by_name) say_hex(flag);
    if (by_name && path && path == (char *)"") say(" empty");
    long result =
        by_name ? syscall(SYS_NEWFSTATAT, fd, path, to, flag) : syscall(SYS_FSTAT, fd, to);
    if (result == 0 && (stat.mode & S_IFMT) == S_IFREG) {
        say_number(stat.size);
        say_number(stat.links);
    } else if (result == 0 && (int)fd > 2) {
        say_hex(stat.mode & S_IFMT);
    }
    answer(result);
}

static void try_attributes(void) {
    int use;
    word which = below(4);
    static const char *const names[] = {"fchmod", "fchown", "fchmodat", "utimensat"};
    say(names[which]);
    long fd = which < 2 ? some_descriptor() : some_folder();
    if (which < 2 && (int)fd >= 0 && (int)fd <= 2) fd = 77;
    const char *path = which < 2 ? 0 : some_path(0, &use);
    if (which == 3 && !path) path = "/missing"; /* NULL stands for the descriptor itself */
    answer(which == 0   ? syscall(SYS_FCHMOD, fd, 0755)
           : which == 1 ? syscall(SYS_FCHOWN, fd, -1, -1)
           : which == 2 ? syscall(SYS_FCHMODAT, fd, path, 0755)
                        : syscall(SYS_UTIMENSAT, fd, path, 0, 0));
}

static void try_ioctl(void) {
    static const word requests[] = {0x5401, 0x5413, 0x5413, 0, 0x1234, 1ul << 32 | 0x5413};
    say("ioctl");
    long fd = some_descriptor();
    if ((int)fd >= 0 && (int)fd <= 2) fd = 77;
    answer(syscall(SYS_IOCTL, fd, ANY(requests), odd_pointer()));
}

static void try_self(void) {
    static const word sizes[] = {0, 1, 2, 3, 100, 4096, ~0ul};
    static const word clocks[] = {0, 1, 2, 3, 4, 5, 6, 7, 10, 12, 99, 1ul << 32 | 1};
    long time[2] = {-1, -1};
    char *to = below(4) ? buffer : below(2) ? odd_pointer() : edge() - 1 - 8 * below(2);
    if (to == (char *)0x600001 || to < break_start) to = buffer;
    switch (below(3)) {
    case 0: {
        say("getcwd");
        long result = syscall(SYS_GETCWD, to, ANY(sizes));
        say_hex(hash_of(buffer, 3));
        answer(result);
        break;
    }
    case 1: {
        word clock = ANY(clocks);
        say("clock_gettime");
        say_hex(clock);
        long result = syscall(SYS_CLOCK_GETTIME, clock, to == buffer ? (char *)time : to);
        if (result == 0 && to == buffer) say_number(time[0] >= 0 && (word)time[1] < 1000000000);
        answer(result);
        break;
    }
    default: say("pid"); answer(syscall(SYS_SET_TID_ADDRESS, odd_pointer()) == syscall(SYS_GETPID));
    }
}

/* Signals that nothing sends. */
static const word quiet_signals[] = {2, 10, 12, 34, 64};

static void try_sigaction(void) {
    static const word odd[] = {0, 9, 19, 65, ~0ul, 1ul << 32 | 10, 1ul << 31};
    static const word flags[] = {0, 1, 4, 0x400, 0x800, 1 << 20, 1 << 28, 0xdc000000, ~0ul};
    struct action action = {below(2), ANY(flags), below(2) * 0x600000, random_word()}, old;
    word signal = below(4) ? ANY(quiet_signals) : ANY(odd), size = below(8) ? 8 : below(20);
    say("sigaction");
    say_hex(signal);
    say_hex(size);
    void *wanted = below(2) ? &action : 0, *to = below(3) ? &old : 0;
    if (below(10) == 0) wanted = odd_pointer();
    if (below(10) == 0) to = odd_pointer();
    if (wanted == (void *)0x600001) wanted = 0;
    if (to == (void *)0x600001) to = 0;
    memset(&old, 0, sizeof old);
    say_hex(wanted == &action ? action.flags : (word)wanted);
    long result = syscall(SYS_RT_SIGACTION, signal, wanted, to, size);
    say_hex(old.handler);
    say_hex(old.flags);
    say_hex(old.restorer);
    say_hex(old.mask);
    answer(result);
}

static void try_sigprocmask(void) {
    static const word hows[] = {0, 1, 2, 2, 3, ~0ul, 1ul << 32};
    word set = 1ul << 8 | 1ul << 18, old = 0, how = ANY(hows), size = below(8) ? 8 : below(20);
    for (int i = 0; i < 3; i++)
        set |= 1ul << (ANY(quiet_signals) - 1);
    say("sigprocmask");
    say_hex(how);
    say_hex(set);
    say_hex(size);
    void *from = below(3) ? &set : 0, *to = below(3) ? &old : 0;
    if (below(10) == 0) from = odd_pointer();
    if (below(10) == 0) to = odd_pointer();
    if (from == (void *)0x600001) from = 0;
    if (to == (void *)0x600001) to = 0;
    if (from != &set) say_hex((word)from);
    long result = syscall(SYS_RT_SIGPROCMASK, how, from, to, size);
    say_hex(old);
    answer(result);
}

static void clean_tier3(void) {
    static const struct action none;
    static const word empty;
    for (word n = 0; n < sizeof quiet_signals / sizeof *quiet_signals; n++)
        syscall(SYS_RT_SIGACTION, quiet_signals[n], &none, 0, 8);
    syscall(SYS_RT_SIGPROCMASK, 2, &empty, 0, 8);
    syscall(SYS_MUNMAP, arena, PAGE * (ARENA_PAGES + 8));
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
    clean_tier3();
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
        try_openat,   try_openat,    try_openat,     try_openat, try_read,       try_read,
        try_write,    try_write,     try_write,      try_lseek,  try_lseek,      try_close,
        try_unlinkat, try_unlinkat,  try_brk,        try_spawn,  try_waitid,     try_readv,
        try_readv,    try_writev,    try_writev,     try_mmap,   try_mmap,       try_munmap,
        try_mprotect, try_touch,     try_touch,      try_stat,   try_attributes, try_ioctl,
        try_self,     try_sigaction, try_sigprocmask};
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
    place_arena();
    for (word n = 0; n < count; n++)
        sequence(from + n);
    clean();
    return 0;
}
