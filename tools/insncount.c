/*
 * insncount: a TCG plugin for QEMU that counts the guest instructions that are executed, in user
 * and in system mode, and prints one line at the end:
 *
 *     insncount: 5779585 instructions
 *
 * Use: qemu-aarch64 -plugin build/libinsncount.so -d plugin PROGRAM
 * (qemu-system-aarch64 takes the same two options; the line goes to QEMU's log, which is standard
 * error unless -D says otherwise.)
 *
 * With profile=FILE after the plugin's name and a comma it also counts by address, and writes a
 * line "COUNT ADDRESS" for each to FILE at the end; tools/profile sums them up by function.
 *
 * Each instruction is counted as it begins, so a count does not depend on how QEMU cuts the code
 * into blocks; one that faults and is run again counts twice. For guests with one CPU.
 */
#define _GNU_SOURCE /* RTLD_DEFAULT */
#include "qemu_plugin.h"
#include <inttypes.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>

static uint64_t count;

/* ---- The counts by address: a chain in each bucket ---- */

enum { BUCKETS = 1 << 16 };

struct place {
    struct place *next;
    uint64_t address, count;
};

static const char *profile; /* the file's name, or NULL */
static struct place *buckets[BUCKETS];

/* The one counter of an address, however often its code is translated. */
static struct place *place_at(uint64_t address) {
    struct place **link = &buckets[address / 4 % BUCKETS];
    while (*link && (*link)->address != address)
        link = &(*link)->next;
    if (!*link) {
        *link = calloc(1, sizeof **link);
        if (!*link) abort();
        (*link)->address = address;
    }
    return *link;
}

static void write_profile(void) {
    FILE *file = fopen(profile, "w");
    for (size_t i = 0; file && i < BUCKETS; i++)
        for (const struct place *place = buckets[i]; place; place = place->next)
            fprintf(file, "%" PRIu64 " %" PRIx64 "\n", place->count, place->address);
    if (!file || fclose(file) != 0) {
        qemu_plugin_outs("insncount: cannot write the profile\n");
        _exit(1); /* exit would come here again */
    }
}

/* ---- What QEMU calls ---- */

static void on_insn(unsigned int cpu, void *data) {
    struct place *place = data;
    (void)cpu;
    count++;
    if (place) place->count++;
}

static void on_translate(qemu_plugin_id_t id, struct qemu_plugin_tb *tb) {
    (void)id;
    size_t insns = qemu_plugin_tb_n_insns(tb);
    for (size_t i = 0; i < insns; i++) {
        struct qemu_plugin_insn *insn = qemu_plugin_tb_get_insn(tb, i);
        qemu_plugin_register_vcpu_insn_exec_cb(insn, on_insn, QEMU_PLUGIN_CB_NO_REGS,
                                               profile ? place_at(qemu_plugin_insn_vaddr(insn))
                                                       : NULL);
    }
}

static void on_end(qemu_plugin_id_t id, void *data) {
    (void)id;
    (void)data;
    char line[64];
    snprintf(line, sizeof line, "insncount: %" PRIu64 " instructions\n", count);
    qemu_plugin_outs(line);
    if (profile) write_profile();
}

/* Called by QEMU once the plugin is loaded. Returns 0: it installs; another value: it does not. */
int qemu_plugin_install(qemu_plugin_id_t id, const struct qemu_info_t *info, int argc,
                        char **argv) {
    static const char option[] = "profile=";
    (void)info;
    for (int i = 0; i < argc; i++) {
        if (strncmp(argv[i], option, sizeof option - 1) != 0 || !argv[i][sizeof option - 1]) {
            fprintf(stderr, "insncount: %s: not profile=FILE\n", argv[i]);
            return -1;
        }
        profile = strdup(argv[i] + sizeof option - 1);
        if (!profile) return -1;
    }
    qemu_plugin_register_vcpu_tb_trans_cb(id, on_translate);
    qemu_plugin_register_atexit_cb(id, on_end, NULL);
    return 0;
}
