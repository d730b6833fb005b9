/*
 * The memory of a QEMU that is reset between cases (warm.h): what a new QEMU of the same machine
 * would have put there, made in the file that is guest memory. QEMU itself must write what is
 * executed without having been written by the guest, since it does not notice what others write to
 * memory and would run the old translation of it. So the archive, whose programs run where they
 * lie, has a file of its size class for -initrd, which each reset copies and so translates anew;
 * and the kernel's text, which is written once, before it first runs, must never change.
 */
#pragma once
#include <glib.h>

typedef struct {
    int fd;       /* the file in memory */
    guint8 *data; /* mapped */
    gsize bytes;
    guint64 entry;    /* address of the kernel's first instruction */
    GBytes *image;    /* the kernel */
    gsize text_bytes; /* of the image, which starts with its text; the rest is data */
} WarmMemory;

/* Address of the machine's memory (QEMU, hw/arm/virt.c). */
#define WARM_RAM_BASE G_GUINT64_CONSTANT(0x40000000)

/*
 * Memory with the kernel `image` in it, whose ELF file is `elf`. NULL without *error if they do not
 * fit each other or the machine, and with it if memory cannot be had.
 */
WarmMemory *warm_memory_new(const char *image, const char *elf, gsize bytes, GError **error);
void warm_memory_free(WarmMemory *memory);

/* A file in memory for QEMU's -kernel, an Image of 64 bytes that QEMU puts where it is in nobody's
 * way: the kernel itself would be copied, and translated, at each reset. -1 and *error. */
int warm_memory_header(GError **error);

/*
 * After a reset: keeps what QEMU wrote there, the start code and the device tree, clears all else,
 * restores the kernel's data, copies the archive `archive` (or -1: the device tree names none) to
 * its place, and has the device tree say `append` and where the archive ends. FALSE and *error
 * (HARNESS_ERROR_QEMU) if the kernel's text has changed or memory is not as this function knows it.
 */
gboolean warm_memory_load(WarmMemory *memory, const char *append, int archive, gsize archive_bytes,
                          GError **error);

G_DEFINE_AUTOPTR_CLEANUP_FUNC(WarmMemory, warm_memory_free)
