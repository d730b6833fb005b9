/*
 * The file that the plugin (plugin/coverage_plugin.c) counts into, and the harness reads: a header,
 * then an entry for each instruction that QEMU translated. Both run on one host, so numbers are in
 * its byte order. Plain C, since the plugin has no GLib.
 */
#pragma once
#include <stdint.h>

#define COUNTERS_MAGIC "HCOUNT1\n"

/* The bytes of the longest instruction, x86's. */
#define COUNTERS_INSN_MAX 15

/* Room for the translated instructions of Linux and its programs; the file is sparse. What finds
 * none is counted in `dropped`. */
#define COUNTERS_ENTRIES_MAX (UINT32_C(4) << 20)

struct counters_head {
    char magic[8];    /* written by the plugin: a file without it was never counted into */
    uint64_t used;    /* entries, each complete before it counts here */
    uint64_t dropped; /* translations of instructions that found no room */
    uint64_t reserved;
};

/* Two entries differ in address, frame or bytes. */
struct counters_entry {
    uint64_t address; /* virtual */
    uint64_t frame;   /* where QEMU has the page of the instruction: equal numbers are one page of
                         guest memory, and say nothing else */
    uint64_t count;   /* how often it began */
    uint8_t size;     /* of `bytes` */
    uint8_t bytes[COUNTERS_INSN_MAX];
};

_Static_assert(sizeof(struct counters_head) == 32, "no padding");
_Static_assert(sizeof(struct counters_entry) == 40, "no padding");

#define COUNTERS_FILE_BYTES \
    (sizeof(struct counters_head) + COUNTERS_ENTRIES_MAX * sizeof(struct counters_entry))

/* The plugin's argument instead of a descriptor: it prints COUNTERS_READY and ends QEMU, so that
 * one knows whether QEMU loads it. */
#define COUNTERS_PROBE "probe=on"
#define COUNTERS_READY "coverage plugin loaded\n"
