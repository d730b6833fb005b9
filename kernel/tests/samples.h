/*
 * Well-formed inputs of the kernel's parsers, made in memory for the host tests and as the base
 * that the fuzz targets damage. Each sample_ function returns the size it wrote to `to`, which is
 * large enough (SAMPLE_MAX).
 */
#pragma once

#include <stdint.h>
#include <string.h>

enum { SAMPLE_MAX = 8192 };

struct sample {
    uint8_t *bytes;
    size_t size;
};

static inline void sample_add(struct sample *to, const void *bytes, size_t size) {
    memcpy(to->bytes + to->size, bytes, size);
    to->size += size;
}

static inline void sample_cell(struct sample *to, uint32_t value) {
    uint8_t cell[4] = {(uint8_t)(value >> 24), (uint8_t)(value >> 16), (uint8_t)(value >> 8),
                       (uint8_t)value};
    sample_add(to, cell, 4);
}

static inline void sample_pad(struct sample *to) {
    while (to->size % 4)
        sample_add(to, "", 1);
}

/* Names of the properties below and their offsets in the strings block. */
static const char sample_strings[] = "#address-cells\0#size-cells\0compatible\0reg\0device_type\0"
                                     "bootargs\0linux,initrd-start\0linux,initrd-end\0method\0"
                                     "status\0stdout-path\0serial0\0serial01";

static inline uint32_t sample_string(const char *name) {
    const char *at = sample_strings;
    while (strcmp(at, name))
        at += strlen(at) + 1;
    return (uint32_t)(at - sample_strings);
}

static inline void sample_property(struct sample *to, const char *name, const void *value,
                                   size_t size) {
    sample_cell(to, 3);
    sample_cell(to, (uint32_t)size);
    sample_cell(to, sample_string(name));
    sample_add(to, value, size);
    sample_pad(to);
}

static inline void sample_text(struct sample *to, const char *name, const char *value) {
    sample_property(to, name, value, strlen(value) + 1);
}

/* A property of 64-bit numbers. */
static inline void sample_numbers(struct sample *to, const char *name, uint64_t first,
                                  uint64_t second, int count) {
    uint8_t bytes[16];
    struct sample value = {bytes, 0};
    sample_cell(&value, (uint32_t)(first >> 32));
    sample_cell(&value, (uint32_t)first);
    sample_cell(&value, (uint32_t)(second >> 32));
    sample_cell(&value, (uint32_t)second);
    sample_property(to, name, bytes, (size_t)count * 8);
}

static inline void sample_begin(struct sample *to, const char *name) {
    sample_cell(to, 1);
    sample_add(to, name, strlen(name) + 1);
    sample_pad(to);
}

static inline void sample_end(struct sample *to) { sample_cell(to, 2); }

/* A node with a range of addresses, and a compatible that is text. */
static inline void sample_node(struct sample *to, const char *name, uint64_t start, uint64_t size,
                               const char *key, const char *value, const char *status) {
    sample_begin(to, name);
    sample_numbers(to, "reg", start, size, 2);
    sample_text(to, key, value);
    if (status) sample_text(to, "status", status);
    sample_end(to);
}

/* A device tree like that of QEMU's virt: 1 GiB of memory, an initrd, two PL011 of which /chosen
 * names the second by an alias, two transports; and one of each in the secure world. */
static inline size_t sample_tree(uint8_t *bytes) {
    enum { HEADER = 40 };
    static const char two[] = {0, 0, 0, 2};
    struct sample body = {bytes + HEADER, 0}, head = {bytes, 0};
    sample_begin(&body, "");
    sample_property(&body, "#address-cells", two, 4);
    sample_property(&body, "#size-cells", two, 4);
    sample_text(&body, "compatible", "linux,dummy-virt");
    sample_begin(&body, "psci");
    sample_text(&body, "method", "hvc");
    sample_property(&body, "compatible", "arm,psci-1.0\0arm,psci-0.2", 26);
    sample_end(&body);
    sample_begin(&body, "secure-psci");
    sample_text(&body, "method", "smc");
    sample_text(&body, "compatible", "arm,psci-1.0");
    sample_text(&body, "status", "disabled");
    sample_end(&body);
    sample_node(&body, "secram@e000000", 0xe000000, 0x1000000, "device_type", "memory", "disabled");
    sample_node(&body, "memory@40000000", 0x40000000, 0x40000000, "device_type", "memory", "ok");
    sample_node(&body, "virtio_mmio@a000000", 0xa000000, 0x200, "compatible", "virtio,mmio", NULL);
    sample_node(&body, "virtio_mmio@a000200", 0xa000200, 0x200, "compatible", "virtio,mmio",
                "okay");
    sample_node(&body, "virtio_mmio@a000400", 0xa000400, 0x200, "compatible", "virtio,mmio",
                "fail-sss");
    sample_node(&body, "pl011@9040000", 0x9040000, 0x1000, "compatible", "arm,pl011", "disabled");
    sample_node(&body, "pl011@9050000", 0x9050000, 0x1000, "compatible", "arm,pl011", NULL);
    sample_begin(&body, "pl011@9000000");
    sample_numbers(&body, "reg", 0x9000000, 0x1000, 2);
    sample_property(&body, "compatible", "arm,pl011\0arm,primecell", 24);
    sample_begin(&body, "child");
    sample_text(&body, "compatible", "virtio,mmio");
    sample_end(&body);
    sample_end(&body);
    sample_begin(&body, "chosen");
    sample_text(&body, "bootargs", "spawnlog init /a");
    sample_numbers(&body, "linux,initrd-start", 0x48000000, 0, 1);
    sample_numbers(&body, "linux,initrd-end", 0x48001000, 0, 1);
    sample_text(&body, "stdout-path", "serial0:115200n8");
    sample_end(&body);
    sample_begin(&body, "aliases");
    sample_text(&body, "serial01", "/pl011@9040000");
    sample_text(&body, "serial0", "/pl011@9000000");
    sample_end(&body);
    sample_end(&body);
    sample_cell(&body, 9);
    uint32_t structure = (uint32_t)body.size;
    sample_add(&body, sample_strings, sizeof sample_strings);
    sample_cell(&head, 0xd00dfeed);
    sample_cell(&head, (uint32_t)(HEADER + body.size));
    sample_cell(&head, HEADER);
    sample_cell(&head, HEADER + structure);
    sample_cell(&head, 0);
    sample_cell(&head, 17);
    sample_cell(&head, 16);
    sample_cell(&head, 0);
    sample_cell(&head, sizeof sample_strings);
    sample_cell(&head, structure);
    return HEADER + body.size;
}

static inline void sample_little(uint8_t *to, uint64_t value, int size) {
    for (int i = 0; i < size; i++)
        to[i] = (uint8_t)(value >> (8 * i));
}

/* An executable with text at 0x600000 and data at 0x601ff0 that ends in zeros. */
static inline size_t sample_elf(uint8_t *bytes) {
    static const uint64_t headers[2][6] = {
        {0, 0x600000, 0x600000, 0x1200, 0x1200, 0x1000},
        {0x1ff0, 0x602ff0, 0x602ff0, 0x10, 0x5000, 0x1000},
    };
    memset(bytes, 0, 64 + 2 * 56);
    memcpy(bytes, "\177ELF\2\1\1", 7);
    sample_little(bytes + 16, 2, 2);
    sample_little(bytes + 18, 183, 2);
    sample_little(bytes + 24, 0x600100, 8);
    sample_little(bytes + 32, 64, 8);
    sample_little(bytes + 54, 56, 2);
    sample_little(bytes + 56, 2, 2);
    for (int n = 0; n < 2; n++) {
        uint8_t *header = bytes + 64 + 56 * n;
        sample_little(header, 1, 4);
        sample_little(header + 4, n ? 6 : 5, 4);
        for (int i = 0; i < 6; i++)
            sample_little(header + 8 + 8 * i, headers[n][i], 8);
    }
    return 64 + 2 * 56;
}

/* The size of the file that sample_elf is the head of. */
enum { SAMPLE_ELF_FILE = 0x2000 };

/* Damages `size` bytes at `to`: `data` is records of three bytes, offset (two, little endian,
 * modulo size) and the byte to put there. */
static inline void sample_damage(uint8_t *to, size_t size, const uint8_t *data, size_t count) {
    for (; count >= 3; data += 3, count -= 3)
        to[(data[0] | (size_t)data[1] << 8) % size] = data[2];
}
