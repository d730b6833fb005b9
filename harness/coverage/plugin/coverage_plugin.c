/*
 * A TCG plugin for QEMU: counts each instruction as it begins, in a file that it shares with the
 * harness (counters_format.h), since QEMU is killed at the end of a case.
 *
 *     qemu-system-aarch64 -plugin build/libcoverage.so,fd=N ...      for `harness run --coverage`
 *     qemu-system-aarch64 -plugin build/libcoverage.so,into=PATH ... for `harness coverage`
 *
 * QEMU up to 8.2 adds to a counter by itself; from 9.0 on it adds only to counters in memory of its
 * own, so that a function is called. What differs is looked up by name in the QEMU that loads.
 */
#define _GNU_SOURCE /* RTLD_DEFAULT */
#include "coverage/counters_format.h"
#include "qemu_plugin.h"
#include <fcntl.h>
#include <pthread.h>
#include <stdbool.h>
#include <stddef.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/mman.h>
#include <sys/stat.h>
#include <unistd.h>

/* ---- QEMU's side ---- */

enum { QEMU_PLUGIN_INLINE_ADD_U64 = 0 };

/* qemu_plugin_insn_data fills a buffer from this version on. */
enum { VERSION_COPIES_DATA = 3 };

typedef const void *(*points_at_data)(const struct qemu_plugin_insn *insn);
typedef size_t (*copies_data)(const struct qemu_plugin_insn *insn, void *into, size_t size);
typedef void (*adds_inline)(struct qemu_plugin_insn *insn, int operation, void *counter,
                            uint64_t value);

static points_at_data data_pointer; /* this or the next */
static copies_data data_copy;
static adds_inline add_inline; /* or NULL */

static void find_functions(const struct qemu_info_t *info) {
    void *data = dlsym(RTLD_DEFAULT, "qemu_plugin_insn_data");
    add_inline = (adds_inline)dlsym(RTLD_DEFAULT, "qemu_plugin_register_vcpu_insn_exec_inline");
    if (info->version.cur >= VERSION_COPIES_DATA)
        data_copy = (copies_data)data;
    else
        data_pointer = (points_at_data)data;
}

static size_t read_bytes(const struct qemu_plugin_insn *insn, uint8_t *into) {
    size_t size = qemu_plugin_insn_size(insn);
    if (size > COUNTERS_INSN_MAX) size = COUNTERS_INSN_MAX;
    if (data_copy) return data_copy(insn, into, size);
    memcpy(into, data_pointer(insn), size);
    return size;
}

/* ---- The file, and an index of its entries by open addressing ---- */

static struct counters_head *head;
static struct counters_entry *entries;
static size_t room;     /* entries that the file has room for */
static uint32_t *slots; /* number of an entry + 1; 0: free */
static size_t slots_n;  /* a power of two, more than twice the entries */
static pthread_mutex_t mutex = PTHREAD_MUTEX_INITIALIZER; /* processors translate side by side */

enum { SLOTS_MIN = 1 << 14, PAGE_BYTES = 4096 };

static size_t hash_of(const struct counters_entry *entry) {
    uint64_t hash = entry->address * UINT64_C(0x9e3779b97f4a7c15) ^ entry->frame;
    for (int i = 0; i < 4; i++)
        hash = (hash ^ entry->bytes[i]) * UINT64_C(0x100000001b3);
    return hash ^ hash >> 32;
}

static bool is_same(const struct counters_entry *a, const struct counters_entry *b) {
    return a->address == b->address && a->frame == b->frame && a->size == b->size &&
           memcmp(a->bytes, b->bytes, a->size) == 0;
}

/* The slot of an equal entry, or the free one for it. */
static uint32_t *find_slot(const struct counters_entry *wanted) {
    for (size_t i = hash_of(wanted);; i++) {
        uint32_t *slot = &slots[i & (slots_n - 1)];
        if (*slot == 0 || is_same(&entries[*slot - 1], wanted)) return slot;
    }
}

static bool grow_slots(void) {
    size_t n = slots_n ? slots_n * 2 : SLOTS_MIN;
    uint32_t *larger = calloc(n, sizeof *larger);
    if (!larger) return false;
    free(slots);
    slots = larger;
    slots_n = n;
    for (uint64_t i = 0; i < head->used; i++)
        *find_slot(&entries[i]) = (uint32_t)i + 1;
    return true;
}

/* The one entry of an instruction, however often it is translated; NULL if there is no room. */
static struct counters_entry *entry_of(const struct counters_entry *wanted) {
    if (head->used * 2 >= slots_n && !grow_slots()) return NULL;
    uint32_t *slot = find_slot(wanted);
    if (*slot == 0) {
        if (head->used == room) return NULL;
        entries[head->used] = *wanted;
        *slot = (uint32_t)++head->used;
    }
    return &entries[*slot - 1];
}

/* ---- What QEMU calls ---- */

static void on_insn(unsigned int cpu, void *data) {
    (void)cpu;
    ++*(uint64_t *)data;
}

static void count_insn(struct qemu_plugin_insn *insn) {
    struct counters_entry wanted = {.address = qemu_plugin_insn_vaddr(insn),
                                    .frame = (uintptr_t)qemu_plugin_insn_haddr(insn) &
                                             ~(uint64_t)(PAGE_BYTES - 1)};
    wanted.size = (uint8_t)read_bytes(insn, wanted.bytes);
    struct counters_entry *entry = entry_of(&wanted);
    if (!entry)
        head->dropped++;
    else if (add_inline)
        add_inline(insn, QEMU_PLUGIN_INLINE_ADD_U64, &entry->count, 1);
    else
        qemu_plugin_register_vcpu_insn_exec_cb(insn, on_insn, QEMU_PLUGIN_CB_NO_REGS,
                                               &entry->count);
}

static void on_translate(qemu_plugin_id_t id, struct qemu_plugin_tb *tb) {
    (void)id;
    pthread_mutex_lock(&mutex);
    size_t insns = qemu_plugin_tb_n_insns(tb);
    for (size_t i = 0; i < insns; i++)
        count_insn(qemu_plugin_tb_get_insn(tb, i));
    pthread_mutex_unlock(&mutex);
}

/* A new file, for a QEMU that the harness has not started. */
static int create_file(const char *path) {
    int fd = open(path, O_RDWR | O_CREAT | O_TRUNC | O_CLOEXEC, 0666);
    return fd >= 0 && ftruncate(fd, COUNTERS_FILE_BYTES) == 0 ? fd : -1;
}

static int open_file(int argc, char **argv) {
    if (argc == 1 && strncmp(argv[0], "fd=", 3) == 0) return atoi(argv[0] + 3);
    if (argc == 1 && strncmp(argv[0], "into=", 5) == 0) return create_file(argv[0] + 5);
    return -1;
}

static bool map_file(int fd) {
    struct stat status;
    if (fstat(fd, &status) != 0 || (size_t)status.st_size < sizeof *head) return false;
    void *all = mmap(NULL, (size_t)status.st_size, PROT_READ | PROT_WRITE, MAP_SHARED, fd, 0);
    if (all == MAP_FAILED) return false;
    head = all;
    entries = (struct counters_entry *)(head + 1);
    room = ((size_t)status.st_size - sizeof *head) / sizeof *entries;
    if (room > COUNTERS_ENTRIES_MAX) room = COUNTERS_ENTRIES_MAX;
    memcpy(head->magic, COUNTERS_MAGIC, sizeof head->magic);
    return true;
}

/* Called by QEMU once the plugin is loaded. Returns 0: it installs; another value: it does not. */
int qemu_plugin_install(qemu_plugin_id_t id, const struct qemu_info_t *info, int argc,
                        char **argv) {
    if (argc == 1 && strcmp(argv[0], COUNTERS_PROBE) == 0) {
        fputs(COUNTERS_READY, stdout);
        fflush(stdout);
        _exit(0);
    }
    if (!map_file(open_file(argc, argv))) {
        fprintf(stderr, "coverage: wants fd=N or into=PATH, a file to count into\n");
        return -1;
    }
    find_functions(info);
    qemu_plugin_register_vcpu_tb_trans_cb(id, on_translate);
    return 0;
}
