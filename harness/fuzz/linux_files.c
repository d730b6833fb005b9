/*
 * The init of Linux takes the files out of a tree that the input describes, while Linux reads and
 * writes as few bytes at a time as it likes: archive and dump must have every file, as it is. An
 * input is the most bytes of a read or write, and the tree: 0 leaves a folder; 1 and a length enter
 * one of a name so long; 2, a length and two bytes of size make a file.
 */
#include "files.h"
#include "machine.h"
#include "port.h"

#include <stdarg.h>
#include <stdint.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size);

enum { NODES = 64, NAME_MAX_BYTES = 120, DISK_FD = 1000, OUT_MAX = 12 << 20 };

static struct node {
    int parent, is_folder;
    char name[NAME_MAX_BYTES + 8];
    u64 size, at; /* at: read so far; of a folder the node to tell next */
} nodes[NODES];
static int count;
static u64 piece_max;
static char *out;
static u64 out_size;

static u8 content(int node, u64 at) { return (u8)(node * 31 + (int)at * 7 + (int)(at >> 8)); }

static u64 at_most(u64 size) { return size < piece_max ? size : piece_max; }

static void put(const void *bytes, u64 size) {
    if (size > OUT_MAX - out_size) abort();
    memcpy(out + out_size, bytes, size);
    out_size += size;
}

/* ---- Linux ---- */

static long find_node(const char *path) {
    int node = 0;
    while (*path == '/')
        path++;
    while (*path) {
        size_t length = strcspn(path, "/");
        int child = 1;
        while (child < count &&
               (nodes[child].parent != node || strlen(nodes[child].name) != length ||
                memcmp(nodes[child].name, path, length) != 0))
            child++;
        if (child == count) abort();
        node = child;
        path += length;
        while (*path == '/')
            path++;
    }
    nodes[node].at = 0;
    return node + 3;
}

static long tell_entries(int folder, char *to, u64 size) {
    u64 used = 0, told = 0;
    struct node *node = &nodes[folder];
    for (; node->at < (u64)count; node->at++) {
        const struct node *child = &nodes[node->at];
        if (node->at == 0 || child->parent != folder) continue;
        u64 length = (offsetof(struct entry, name) + strlen(child->name) + 1 + 7) / 8 * 8;
        if (used + length > size || told == piece_max) break;
        struct entry *entry = (void *)(to + used);
        entry->size = (unsigned short)length;
        entry->type = child->is_folder ? 4 : 8;
        strcpy(entry->name, child->name);
        used += length;
        told++;
    }
    return (long)used;
}

static long read_node(int node, u8 *to, u64 size) {
    u64 left = nodes[node].size - nodes[node].at, got = at_most(size < left ? size : left);
    for (u64 i = 0; i < got; i++)
        to[i] = content(node, nodes[node].at++);
    return (long)got;
}

long syscall(long number, ...) {
    va_list args;
    va_start(args, number);
    long first = va_arg(args, long);
    void *second = va_arg(args, void *);
    u64 third =
        number == SYS_CLOSE || number == SYS_FSYNC || number == SYS_FSTAT ? 0 : va_arg(args, u64);
    va_end(args);
    switch (number) {
    case SYS_OPENAT: return find_node(second);
    case SYS_GETDENTS64: return tell_entries((int)first - 3, second, third);
    case SYS_FSTAT: ((struct file_status *)second)->size = nodes[first - 3].size; return 0;
    case SYS_READ: return read_node((int)first - 3, second, third);
    case SYS_WRITE: put(second, at_most(third)); return (long)at_most(third);
    case SYS_CLOSE:
    case SYS_FSYNC: return 0;
    default: abort();
    }
}

void console_write(const void *bytes, u64 size) { put(bytes, size); }
u32 console_fresh_line(void) { return 0; }
u64 counter_ticks(void) { return 0; }
size_type length_of(const char *text) { return strlen(text); }
int same(const char *a, const char *b) { return strcmp(a, b) == 0; }
void give_up(const char *reason, const char *subject, long result) {
    (void)result;
    fprintf(stderr, "it gave up: %s %s\n", reason, subject);
    abort();
}

/* ---- What must come out ---- */

static void path_of(int node, char *path) {
    if (node == 0) {
        *path = 0;
        return;
    }
    path_of(nodes[node].parent, path);
    strcat(path, "/");
    strcat(path, nodes[node].name);
}

static int node_of(const char *path, int *seen) {
    char other[4096];
    for (int i = 1; i < count; i++) {
        path_of(i, other);
        if (nodes[i].is_folder || strcmp(path, other) != 0) continue;
        if (seen[i]++) abort();
        return i;
    }
    abort();
}

static u64 field(u64 at, int n) {
    char digits[9] = "";
    memcpy(digits, out + at + 6 + 8 * n, 8);
    return strtoul(digits, NULL, 16);
}

/* cpio(5), "New ASCII Format": fields of eight digits, names and content padded to 4. */
static void check_archive(u64 files) {
    int seen[NODES] = {0};
    u64 at = 0, found = 0;
    if (out_size % 512 != 0) abort();
    for (;;) {
        if (at + 110 > out_size || memcmp(out + at, "070701", 6) != 0) abort();
        u64 size = field(at, 6), name = at + 110, data = (name + field(at, 11) + 3) / 4 * 4;
        if (data + size > out_size || out[name + field(at, 11) - 1] != 0) abort();
        if (strcmp(out + name, "TRAILER!!!") == 0) break;
        char path[4096] = "/";
        strcat(path, out + name);
        int node = node_of(path, seen);
        if (size != nodes[node].size) abort();
        for (u64 i = 0; i < size; i++)
            if ((u8)out[data + i] != content(node, i)) abort();
        found++;
        at = (data + size + 3) / 4 * 4;
    }
    if (found != files) abort();
}

/* DESIGN.md, section 3, Console: FILE lines and lines of hex, 64 bytes on each. */
static void check_dump(u64 files) {
    int seen[NODES] = {0};
    u64 found = 0;
    char *at = out;
    out[out_size] = 0;
    if (strncmp(at, "=== DUMP-BEGIN ===\n", 19) != 0) abort();
    for (at += 19; strncmp(at, "=== DUMP-END ===\n", 17) != 0; found++) {
        char path[4096];
        unsigned long size;
        int length = 0;
        if (sscanf(at, "=== FILE path=%4095s size=%lu ===%n", path, &size, &length) != 2 ||
            at[length] != '\n')
            abort();
        at += length + 1;
        int node = node_of(path, seen);
        if (size != nodes[node].size) abort();
        for (u64 i = 0; i < size; i++, at += 2) {
            char digits[3];
            snprintf(digits, sizeof digits, "%02x", content(node, i));
            if (memcmp(at, digits, 2) != 0) abort();
            if (((i + 1) % 64 == 0 || i + 1 == size) && *(at++ + 2) != '\n') abort();
        }
    }
    if (found != files || at + 17 != out + out_size) abort();
}

static u64 make_tree(const uint8_t *data, size_t size) {
    int folder = 0;
    u64 files = 0;
    memset(nodes, 0, sizeof nodes);
    nodes[0].is_folder = 1;
    count = 1;
    for (size_t i = 0; i < size && count < NODES;) {
        int kind = data[i++] % 3;
        if (kind == 0) {
            folder = nodes[folder].parent;
            continue;
        }
        struct node *node = &nodes[count];
        size_t length = i < size ? data[i++] % NAME_MAX_BYTES : 0;
        memset(node->name, 'n', length);
        sprintf(node->name + length, "%d", count);
        node->parent = folder;
        node->is_folder = kind == 1;
        if (kind == 2 && i + 1 < size) node->size = (u64)data[i] << 8 | data[i + 1];
        if (kind == 2) i += 2;
        files += kind == 2;
        /* Linux itself knows no path of more than 4095 bytes. */
        char path[NODES * (NAME_MAX_BYTES + 9)];
        path_of(count, path);
        if (strlen(path) > 4000) break;
        if (kind == 1) folder = count;
        count++;
    }
    files = 0;
    for (int i = 1; i < count; i++)
        files += !nodes[i].is_folder;
    return files;
}

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size) {
    if (size == 0) return 0;
    if (!out) out = malloc(OUT_MAX + 1);
    piece_max = data[0] < 128 ? data[0] + 1u : 1u << (data[0] % 21);
    u64 files = make_tree(data + 1, size - 1);
    out_size = 0;
    if (files_send(DISK_FD) != files) abort();
    check_archive(files);
    out_size = 0;
    if (files_dump() != files) abort();
    check_dump(files);
    return 0;
}
