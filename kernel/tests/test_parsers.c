/* Host tests of the parsers that the kernel links: archive, device tree, ELF, command line, paths.
 */
#define _GNU_SOURCE /* memmem */
#include "board.h"
#include "bootargs.h"
#include "elf.h"
#include "newc.h"
#include "path.h"
#include "samples.h"

#include <stdio.h>
#include <stdlib.h>

static int results, failures;

static void ok(int good, const char *name) {
    printf("%sok %d - %s\n", good ? "" : "not ", ++results, name);
    failures += !good;
}

/* ---- bootargs ---- */

/* The kinds and words of a command line as text: W:word N:nonce D S. */
static const char *split(const char *line) {
    static char out[512];
    struct bootargs_word word;
    enum bootargs_kind kind;
    u64 offset = 0;
    out[0] = 0;
    while ((kind = bootargs_next(line, strlen(line), &offset, &word)) != BOOTARGS_END)
        sprintf(out + strlen(out), "%c:%.*s ", " WDSN"[kind], (int)word.length, word.text);
    return out;
}

static void test_bootargs(void) {
    ok(!strcmp(split(""), ""), "no command line");
    ok(!strcmp(split(" \t\n "), ""), "white space only");
    ok(!strcmp(split("init  /a\t/b\n"), "W:init W:/a W:/b "), "words");
    ok(!strcmp(split("a\vb\fc\rd"), "W:a W:b W:c W:d "), "every white space parts words");
    ok(!strcmp(split("spawnlog nonce=aB09 dumpfs x"), "S:spawnlog N:aB09 D:dumpfs W:x "),
       "options");
    ok(!strcmp(split("dumpfs2 dump xspawnlog"), "W:dumpfs2 W:dump W:xspawnlog "), "no options");
    ok(!strcmp(split("nonce= nonce=g nonce"), "W:nonce= W:nonce=g W:nonce "), "no nonces");
}

/* ---- paths ---- */

static int resolves(const char *name, const char *want, int is_folder) {
    static struct path path;
    return path_resolve(&path, name, strlen(name), NULL) == 0 && !strcmp(path.text, want) &&
           path.is_folder == is_folder && path.length == strlen(want);
}

static void test_paths(void) {
    static struct path path;
    char name[PATH_MAX + 1];
    ok(resolves("a", "a", 0) && resolves("/a", "a", 0) && resolves("./a", "a", 0), "one name");
    ok(resolves("a//b/./c", "a/b/c", 0), "empty and dot components");
    ok(resolves("a/../b/c/../d", "b/d", 0) && path_resolve(&path, "x/..", 4, NULL) == 0 &&
           path.has_parent,
       "dot-dot");
    ok(resolves("../..//a", "a", 0), "above the root");
    ok(resolves("/", "", 1) && resolves(".", "", 1) && resolves("a/..", "", 1), "the root");
    ok(resolves("a/", "a", 1) && resolves("a/.", "a", 1) && resolves("a/b/..", "a", 1), "folders");
    ok(path_resolve(&path, "", 0, NULL) == -2, "an empty name is ENOENT");
    memset(name, 'n', sizeof name);
    ok(path_resolve(&path, name, 255, NULL) == 0 && path_resolve(&path, name, 256, NULL) == -36,
       "a component has 255 bytes at most");
    for (int i = 50; i < PATH_MAX; i += 50)
        name[i] = '/';
    ok(path_resolve(&path, name, PATH_MAX - 1, NULL) == 0 && path.length == PATH_MAX - 1 &&
           path_resolve(&path, name, PATH_MAX, NULL) == -36,
       "a path has 4095 bytes at most");
}

/* ---- cpio ---- */

static u64 add(u8 *to, u64 at, const char *name, const char *data, int is_file) {
    u32 size = (u32)strlen(data), name_size = (u32)strlen(name) + 1;
    newc_header(to + at, 7, name_size, size, is_file);
    at += NEWC_HEADER_SIZE;
    memcpy(to + at, name, name_size);
    at = NEWC_ALIGN(at + name_size);
    memcpy(to + at, data, size);
    return NEWC_ALIGN(at + size);
}

static void test_cpio(void) {
    static u8 archive[4096];
    struct newc_entry entry;
    const char *error;
    u64 second = add(archive, 0, "init", "hello", 1), offset = 0, end, cut;
    end = add(archive, add(archive, second, "d/empty", "", 1), NEWC_TRAILER, "", 0);
    ok(!memcmp(archive,
               "070701"
               "00000007"
               "000081a4",
               22),
       "header: magic, inode, mode");
    ok(newc_next(archive, end, &offset, &entry, &error) == 1 && !strcmp(entry.name, "init") &&
           entry.size == 5 && !memcmp(entry.data, "hello", 5) && entry.is_file && entry.offset == 0,
       "first entry");
    ok(offset == second && newc_next(archive, end, &offset, &entry, &error) == 1 &&
           entry.size == 0 && entry.name_length == 7 && entry.offset == second,
       "empty file");
    ok(newc_next(archive, end, &offset, &entry, &error) == 0 && !error, "trailer");
    offset = 0;
    ok(newc_next(archive, NEWC_HEADER_SIZE + 6 + 4, &offset, &entry, &error) == -1 &&
           strstr(error, "data is cut short"),
       "data that lacks its last byte");
    for (cut = 0; cut < end; cut++) {
        u8 *copy = malloc(cut ? cut : 1);
        int more;
        memcpy(copy, archive, cut);
        offset = 0;
        while ((more = newc_next(copy, cut, &offset, &entry, &error)) > 0)
            continue;
        free(copy);
        if (more == 0 && cut < end - 1) /* the last byte is padding */
            break;
    }
    ok(cut >= end - 1, "a cut archive is an error wherever it is cut");
    memcpy(archive + 14, "0000a1ff", 8);
    offset = 0;
    ok(newc_next(archive, end, &offset, &entry, &error) == -1 && strstr(error, "neither") &&
           offset == 0,
       "symbolic link");
    memcpy(archive + 14, "000041ed", 8);
    ok(newc_next(archive, end, &offset, &entry, &error) == 1 && !entry.is_file, "folder");

    static u8 longest[2 * NEWC_NAME_MAX];
    char name[NEWC_NAME_MAX + 2] = {0};
    memset(name, 'n', NEWC_NAME_MAX);
    end = add(longest, 0, name, "", 1);
    offset = 0;
    ok(newc_next(longest, end, &offset, &entry, &error) == 1 && entry.name_length == NEWC_NAME_MAX,
       "a name of 4095 bytes");
    name[NEWC_NAME_MAX] = 'n';
    end = add(longest, 0, name, "", 1);
    offset = 0;
    ok(newc_next(longest, end, &offset, &entry, &error) == -1 && strstr(error, "absurd name size"),
       "a longer one is an error");
}

/* ---- device tree ---- */

/* The PL011 that is taken when some bytes of the sample are others of the same length. */
static paddr uart_with(const char *from, const char *to) {
    static u8 tree[SAMPLE_MAX];
    struct board board;
    u64 size = sample_tree(tree), length = strlen(from);
    u8 *at = memmem(tree, size, from, length);
    if (!at || strlen(to) > length) abort();
    memset(at, 0, length);
    memcpy(at, to, strlen(to));
    return board_read(&board, tree, size) ? 0 : board.uart;
}

static void test_console(void) {
    const char *path = "serial0:115200n8";
    ok(uart_with(path, "serial0") == 0x9000000, "/chosen names a PL011 by its alias");
    ok(uart_with(path, "/pl011@9000000") == 0x9000000, "by its path");
    ok(uart_with(path, "/pl011@9000000:1") == 0x9000000, "by its path with options");
    ok(uart_with(path, "/pl011") == 0x9050000, "without its address: the first");
    ok(uart_with(path, "/pl011@9050000") == 0x9050000, "by the path of the other");
    ok(uart_with(path, "/pl011@9040000") == 0x9050000, "one that is disabled is not taken");
    ok(uart_with(path, "serial01") == 0x9050000, "nor by an alias");
    const char *none[] = {"", ":", "/", "/:", "/pl", "serial", "serial0/x", "nothing"};
    for (size_t i = 0; i < sizeof none / sizeof *none; i++)
        ok(uart_with(path, none[i]) == 0x9050000, "a path that names none: the first");
    ok(uart_with("aliases", "other") == 0x9050000, "an alias without /aliases: the first");
}

static void test_board(void) {
    static u8 tree[SAMPLE_MAX];
    struct board board;
    u64 size = sample_tree(tree), cut;
    ok(board_read(&board, tree, sizeof tree) == NULL && board.tree_size == size, "a tree is read");
    ok(board.memory_count == 1 && board.memory[0].start == 0x40000000 &&
           board.memory[0].end == 0x80000000,
       "memory");
    ok(board.initrd.start == 0x48000000 && board.initrd.end == 0x48001000, "initrd");
    ok(board.bootargs_size == 16 && !memcmp(board.bootargs, "spawnlog init /a", 16), "bootargs");
    ok(board.uart == 0x9000000 && board.psci == PSCI_HVC, "PL011 and PSCI");
    ok(board.virtio_count == 2 && board.virtio[0] == 0xa000000 && board.virtio[1] == 0xa000200,
       "transports, those of the root only");
    for (cut = 0; cut < size; cut++) {
        u8 *copy = malloc(cut ? cut : 1);
        memcpy(copy, tree, cut);
        const char *error = board_read(&board, copy, cut);
        free(copy);
        if (!error) break;
    }
    ok(cut == size, "a cut tree is an error wherever it is cut");
    /* The root's #address-cells and #size-cells, its first properties. */
    enum { ADDRESS_CELLS = 40 + 20 + 3, SIZE_CELLS = ADDRESS_CELLS + 16 };
    tree[SIZE_CELLS] = 0;
    ok(board_read(&board, tree, size) == NULL && board.uart == 0x9000000, "no cells of size");
    tree[SIZE_CELLS] = 3;
    ok(board_read(&board, tree, size) != NULL, "three are an error");
    tree[SIZE_CELLS] = 2;
    tree[ADDRESS_CELLS] = 0;
    ok(board_read(&board, tree, size) != NULL, "no cells of an address are an error");
    tree[ADDRESS_CELLS] = 3;
    ok(board_read(&board, tree, size) != NULL, "three are one too");
    tree[ADDRESS_CELLS] = 2;
    tree[20 + 3] = 16;
    ok(board_read(&board, tree, size) != NULL, "an old version is an error");
    tree[20 + 3] = 17;
    tree[40 + 3] = 7;
    ok(board_read(&board, tree, size) != NULL, "an unknown token is an error");
}

/* ---- ELF ---- */

enum { LOW = 0x200000, HIGH = 0x3ef00000 };

/* What the reader says of the sample with `size` bytes at `offset` changed to `value`. */
static int changed(int offset, u64 value, int size) {
    u8 bytes[SAMPLE_MAX];
    struct elf elf;
    u64 count = sample_elf(bytes);
    sample_little(bytes + offset, value, size);
    return elf_read(&elf, bytes, count, SAMPLE_ELF_FILE, LOW, HIGH);
}

static void test_elf(void) {
    u8 bytes[SAMPLE_MAX];
    struct elf elf;
    u64 count = sample_elf(bytes);
    enum { FIRST = 64, OFFSET = 8, ADDRESS = 16, FILE_SIZE = 32, SIZE = 40, SECOND = 64 + 56 };
    ok(elf_read(&elf, bytes, count, SAMPLE_ELF_FILE, LOW, HIGH) == 0 && elf.entry == 0x600100 &&
           elf.count == 2,
       "an executable");
    ok(elf.segments[0].start == 0x600000 && elf.segments[0].file_end == 0x601200 &&
           elf.segments[0].end == 0x601200 && elf.segments[0].flags == (ELF_READ | ELF_EXECUTE),
       "its text");
    ok(elf.segments[1].start == 0x602ff0 && elf.segments[1].file_end == 0x603000 &&
           elf.segments[1].end == 0x607ff0 && elf.segments[1].offset == 0x1ff0 &&
           elf.segments[1].flags == (ELF_READ | ELF_WRITE),
       "its data");
    ok(elf_read(&elf, bytes, count - 1, SAMPLE_ELF_FILE, LOW, HIGH) == -8, "cut program header");
    ok(elf_read(&elf, bytes, 0, 0, LOW, HIGH) == -8, "empty file");
    ok(elf_read(&elf, bytes, count, 0x1fff, LOW, HIGH) == 0 &&
           elf_read(&elf, bytes, count, 0x1000, LOW, HIGH) == 0,
       "a segment that goes on behind the file's end");
    sample_little(bytes + SECOND + FILE_SIZE, 0x20, 8);
    ok(elf_read(&elf, bytes, count, 0x2001, LOW, HIGH) == 0 &&
           elf_read(&elf, bytes, count, 0x2000, LOW, HIGH) == -8,
       "zeros want the page before them to be in the file");
    sample_little(bytes + SECOND + FILE_SIZE, 0x10, 8);
    ok(changed(0, 0, 1) == -8 && changed(4, 1, 1) == -8 && changed(5, 2, 1) == -8, "e_ident");
    ok(changed(16, 3, 2) == -8 && changed(18, 62, 2) == -8 && changed(54, 32, 2) == -8,
       "type, machine, e_phentsize");
    ok(changed(FIRST, 3, 4) == -8, "interpreter");
    ok(changed(SECOND + ADDRESS, 0x600ff0, 8) == -8, "overlap");
    ok(changed(SECOND + ADDRESS, 0x601ff0, 8) == -8, "same page as the end of the text");
    ok(changed(SECOND + ADDRESS, 0x602ff8, 8) == -8, "not congruent");
    ok(changed(FIRST + ADDRESS, LOW - 0x1000, 8) == -8 && changed(FIRST + ADDRESS, HIGH, 8) == -8 &&
           changed(FIRST + ADDRESS, ~0xffful, 8) == -8,
       "addresses out of range");
    ok(changed(SECOND + SIZE, ~0ul, 8) == -8 && changed(SECOND + FILE_SIZE, ~0ul, 8) == -8 &&
           changed(SECOND + OFFSET, ~0xful, 8) == -8,
       "sizes that wrap");
    ok(changed(SECOND + SIZE, 0x10, 8) == 0 && changed(SECOND + SIZE, 0xf, 8) == -8,
       "memory no smaller than file");
    ok(changed(56, 0, 2) == -8 && changed(56, 3, 2) == -8, "number of program headers");
    ok(changed(32, ~0ul, 8) == -8 && changed(32, count, 8) == -8, "place of program headers");
}

/* An executable of `count` segments, a page each. */
static int read_many(int count) {
    u8 bytes[SAMPLE_MAX];
    struct elf elf;
    u64 size = sample_elf(bytes);
    for (int n = 1; n < count; n++, size += 56) {
        memcpy(bytes + 64 + 56 * n, bytes + 64, 56);
        sample_little(bytes + 64 + 56 * n + 16, 0x700000 + 0x2000 * (u64)n, 8);
    }
    sample_little(bytes + 56, (u64)count, 2);
    return elf_read(&elf, bytes, size, SAMPLE_ELF_FILE, LOW, HIGH);
}

/* Headers of segments that take nothing from the file, or nothing at all. */
static void test_elf_segments(void) {
    u8 bytes[SAMPLE_MAX];
    struct elf elf;
    u64 count = sample_elf(bytes);
    enum { SECOND = 64 + 56 };
    ok(read_many(ELF_SEGMENTS_MAX) == 0 && read_many(ELF_SEGMENTS_MAX + 1) == -8,
       "16 segments, and no more");
    sample_little(bytes + SECOND + 32, 0, 8);
    sample_little(bytes + SECOND + 8, ~7ul, 8);
    ok(elf_read(&elf, bytes, count, SAMPLE_ELF_FILE, LOW, HIGH) == 0 && elf.count == 2 &&
           elf.segments[1].file_end == elf.segments[1].start,
       "any offset where the file has no bytes");
    sample_little(bytes + SECOND + 40, 0, 8);
    ok(elf_read(&elf, bytes, count, SAMPLE_ELF_FILE, LOW, HIGH) == 0 && elf.count == 1,
       "an empty segment is passed over");
}

int main(void) {
    test_bootargs();
    test_paths();
    test_cpio();
    test_board();
    test_console();
    test_elf();
    test_elf_segments();
    printf("1..%d\n", results);
    return failures != 0;
}
