#define _GNU_SOURCE /* SEEK_DATA, fallocate */
#include "guest/warm_memory.h"
#include "base/error.h"
#include "base/fdio.h"
#include <errno.h>
#include <fcntl.h>
#include <gelf.h>
#include <libfdt.h>
#include <string.h>
#include <sys/mman.h>
#include <unistd.h>

/* The header of an Image: Linux, Documentation/arch/arm64/booting.rst, section 4. */
enum { HEADER_BYTES = 64, HEADER_OFFSET_AT = 8, HEADER_SIZE_AT = 16, HEADER_MAGIC_AT = 56 };

/* Where QEMU puts an Image whose text_offset is that: the lowest place that it takes, a page behind
 * its own start code (QEMU, hw/arm/boot.c: load_aarch64_image). */
#define HEADER_OFFSET 0x1000

/* QEMU's start code at the start of memory (hw/arm/boot.c: bootloader_aarch64): ldr x0; mov x1, x2,
 * x3; ldr x4; br x4. Behind it the addresses of the device tree and of the kernel. */
static const guint32 start_code[] = {0x580000c0, 0xaa1f03e1, 0xaa1f03e2,
                                     0xaa1f03e3, 0x58000084, 0xd61f0080};
enum { START_TREE_AT = sizeof start_code, START_ENTRY_AT = START_TREE_AT + 8 };
enum { START_BYTES = START_ENTRY_AT + 8 };

/* The device tree lies at the first such boundary behind the archive (hw/arm/boot.c). */
#define TREE_ALIGN (2 * 1024 * 1024)

/* More than the change of a property takes beside its value. */
#define TREE_SLACK 64

/* Longer runs of used memory go back to the system: to clear them would keep them. */
#define CLEARED_MAX (8 * 1024 * 1024)

static gboolean refuse(GError **error, const char *what) {
    g_set_error(error, HARNESS_ERROR, HARNESS_ERROR_QEMU, "%s", what);
    return FALSE;
}

static guint64 load_le64(const guint8 *at) {
    guint64 value;
    memcpy(&value, at, sizeof value);
    return GUINT64_FROM_LE(value);
}

static void store_le64(guint8 *at, guint64 value) {
    value = GUINT64_TO_LE(value);
    memcpy(at, &value, sizeof value);
}

/* ---- The kernel ---- */

/* The size of the executable segment at `entry`; 0 if the file has none. */
static gsize text_size(const char *path, guint64 entry) {
    gsize bytes = 0;
    int fd = open(path, O_RDONLY | O_CLOEXEC);
    if (fd < 0) return 0;
    elf_version(EV_CURRENT);
    Elf *elf = elf_begin(fd, ELF_C_READ, NULL);
    gsize count = 0;
    if (elf && elf_getphdrnum(elf, &count) != 0) count = 0;
    for (gsize i = 0; i < count; i++) {
        GElf_Phdr header;
        if (gelf_getphdr(elf, (int)i, &header) && header.p_type == PT_LOAD &&
            header.p_flags == (PF_R | PF_X) && header.p_paddr == entry)
            bytes = header.p_filesz;
    }
    elf_end(elf);
    fdio_clear(&fd);
    return bytes;
}

WarmMemory *warm_memory_new(const char *image, const char *elf, gsize bytes, GError **error) {
    g_autoptr(GBytes) kernel = fdio_load(image, error);
    if (!kernel) return NULL;
    gsize size;
    const guint8 *data = g_bytes_get_data(kernel, &size);
    if (size < HEADER_BYTES || memcmp(data + HEADER_MAGIC_AT, "ARM\x64", 4) != 0) return NULL;
    guint64 offset = load_le64(data + HEADER_OFFSET_AT);
    if (offset <= HEADER_OFFSET || offset >= bytes || size > bytes - offset) return NULL;
    gsize text = text_size(elf, WARM_RAM_BASE + offset);
    if (text == 0 || text > size) return NULL;
    g_autoptr(WarmMemory) memory = g_new0(WarmMemory, 1);
    memory->data = MAP_FAILED;
    memory->bytes = bytes;
    memory->entry = WARM_RAM_BASE + offset;
    memory->text_bytes = text;
    memory->image = g_steal_pointer(&kernel);
    memory->fd = fdio_memfd("memory", error);
    if (memory->fd < 0) return NULL;
    if (ftruncate(memory->fd, (off_t)bytes) == 0)
        memory->data = mmap(NULL, bytes, PROT_READ | PROT_WRITE, MAP_SHARED, memory->fd, 0);
    if (memory->data == MAP_FAILED) {
        error_set_errno(error, errno, "cannot get memory for a guest");
        return NULL;
    }
    memcpy(memory->data + offset, data, size);
    return g_steal_pointer(&memory);
}

void warm_memory_free(WarmMemory *memory) {
    if (memory->data != MAP_FAILED) munmap(memory->data, memory->bytes);
    fdio_clear(&memory->fd);
    g_bytes_unref(memory->image);
    g_free(memory);
}

int warm_memory_header(GError **error) {
    guint8 header[HEADER_BYTES] = {0};
    int fd = fdio_memfd("header", error);
    store_le64(header + HEADER_OFFSET_AT, HEADER_OFFSET);
    store_le64(header + HEADER_SIZE_AT, HEADER_BYTES);
    memcpy(header + HEADER_MAGIC_AT, "ARM\x64", 4);
    if (fd >= 0 && !fdio_write(fd, header, sizeof header, error)) fdio_clear(&fd);
    return fd;
}

/* ---- The device tree ---- */

/* Sets a number that has one or two cells, as QEMU's version has it. Returns an error of libfdt. */
static int set_number(guint8 *tree, int node, const char *name, guint64 value) {
    int length = 0;
    fdt64_t two = cpu_to_fdt64(value);
    fdt32_t one = cpu_to_fdt32((guint32)value);
    const void *present = fdt_getprop(tree, node, name, &length);
    if (!present || (length != sizeof one && length != sizeof two)) return -FDT_ERR_BADVALUE;
    return length == sizeof one ? fdt_setprop_inplace(tree, node, name, &one, sizeof one)
                                : fdt_setprop_inplace(tree, node, name, &two, sizeof two);
}

/* A copy of the tree that QEMU wrote, as QEMU would have made it for this case; free with g_free.
 */
static guint8 *make_tree(const guint8 *written, gsize room, const char *append, guint64 initrd_end,
                         GError **error) {
    if (room < sizeof(struct fdt_header) || fdt_check_header(written) != 0 ||
        fdt_totalsize(written) > room) {
        refuse(error, "QEMU put no device tree into memory");
        return NULL;
    }
    guint32 bytes = fdt_totalsize(written);
    gboolean is_packed = fdt_off_dt_strings(written) + fdt_size_dt_strings(written) == bytes;
    gsize more = is_packed ? strlen(append) + TREE_SLACK : 0;
    g_autofree guint8 *tree = g_malloc0(bytes + more);
    int failed = fdt_open_into(written, tree, (int)(bytes + more));
    int chosen = failed ? failed : fdt_path_offset(tree, "/chosen");
    failed = chosen < 0 ? chosen : fdt_setprop_string(tree, chosen, "bootargs", append);
    if (!failed && initrd_end) failed = set_number(tree, chosen, "linux,initrd-end", initrd_end);
    if (!failed && is_packed) failed = fdt_pack(tree);
    if (!failed) return g_steal_pointer(&tree);
    g_set_error(error, HARNESS_ERROR, HARNESS_ERROR_QEMU,
                "the device tree cannot be changed for a case: %s", fdt_strerror(failed));
    return NULL;
}

/* The address of the archive in the tree; 0: it names none. */
static guint64 initrd_start(const guint8 *tree) {
    int length = 0, chosen = fdt_path_offset(tree, "/chosen");
    const void *value =
        chosen < 0 ? NULL : fdt_getprop(tree, chosen, "linux,initrd-start", &length);
    fdt32_t one;
    fdt64_t two;
    if (value && length == sizeof one) return fdt32_to_cpu(*(fdt32_t *)memcpy(&one, value, length));
    return value && length == sizeof two ? fdt64_to_cpu(*(fdt64_t *)memcpy(&two, value, length))
                                         : 0;
}

/* ---- Loading ---- */

/* The bytes [start, end) of memory. */
static gboolean clear(WarmMemory *memory, gsize start, gsize end, GError **error) {
    if (end - start <= CLEARED_MAX) {
        memset(memory->data + start, 0, end - start);
        return TRUE;
    }
    return fallocate(memory->fd, FALLOC_FL_PUNCH_HOLE | FALLOC_FL_KEEP_SIZE, (off_t)start,
                     (off_t)(end - start)) == 0 ||
           error_set_errno(error, errno, "cannot clear the memory of a guest");
}

/* Clears what has been used, but for the kernel's text. Its pages are whole: data starts on a page
 * of its own. */
static gboolean clear_used(WarmMemory *memory, GError **error) {
    gsize text = memory->entry - WARM_RAM_BASE, text_end = text + memory->text_bytes;
    for (off_t end, start = lseek(memory->fd, 0, SEEK_DATA); start >= 0;
         start = lseek(memory->fd, end, SEEK_DATA)) {
        if ((end = lseek(memory->fd, start, SEEK_HOLE)) < 0) break;
        gsize from = (gsize)start, to = (gsize)end;
        if (from < text && !clear(memory, from, MIN(to, text), error)) return FALSE;
        if (to > text_end && !clear(memory, MAX(from, text_end), to, error)) return FALSE;
    }
    return errno == ENXIO || error_set_errno(error, errno, "cannot read the memory of a guest");
}

static gboolean restore_kernel(WarmMemory *memory, GError **error) {
    gsize size;
    const guint8 *image = g_bytes_get_data(memory->image, &size);
    guint8 *at = memory->data + (memory->entry - WARM_RAM_BASE);
    if (memcmp(at, image, memory->text_bytes) != 0)
        return refuse(error, "the text of the kernel has changed in memory");
    memcpy(at + memory->text_bytes, image + memory->text_bytes, size - memory->text_bytes);
    return TRUE;
}

static gboolean copy_archive(guint8 *at, int archive, gsize bytes, GError **error) {
    for (gsize done = 0; done < bytes;) {
        ssize_t got = pread(archive, at + done, bytes - done, (off_t)done);
        if (got < 0 && errno == EINTR) continue;
        if (got <= 0)
            return error_set_errno(error, got < 0 ? errno : EIO, "cannot read the archive");
        done += (gsize)got;
    }
    return TRUE;
}

gboolean warm_memory_load(WarmMemory *memory, const char *append, int archive, gsize archive_bytes,
                          GError **error) {
    guint32 code[G_N_ELEMENTS(start_code)];
    guint8 start[START_BYTES];
    memcpy(start, memory->data, sizeof start);
    memcpy(code, start, sizeof code);
    for (guint i = 0; i < G_N_ELEMENTS(code); i++)
        if (GUINT32_FROM_LE(code[i]) != start_code[i])
            return refuse(error, "QEMU starts a kernel with code that is not known");
    guint64 tree_at = load_le64(start + START_TREE_AT) - WARM_RAM_BASE;
    if (tree_at >= memory->bytes) return refuse(error, "QEMU put the device tree out of memory");
    const guint8 *written = memory->data + tree_at;
    gsize room = memory->bytes - tree_at;
    guint64 initrd = archive >= 0 && room > sizeof(struct fdt_header) &&
                             fdt_check_header(written) == 0 && fdt_totalsize(written) <= room
                         ? initrd_start(written)
                         : 0;
    if (archive >= 0 && (initrd < WARM_RAM_BASE || initrd - WARM_RAM_BASE >= tree_at ||
                         archive_bytes > tree_at - (initrd - WARM_RAM_BASE)))
        return refuse(error, "the device tree has no place for the archive");
    guint64 initrd_end = archive >= 0 ? initrd + archive_bytes : 0;
    g_autofree guint8 *tree = make_tree(written, room, append, initrd_end, error);
    if (!tree) return FALSE;
    gsize tree_bytes = fdt_totalsize(tree);
    if (archive >= 0)
        tree_at = (initrd_end + TREE_ALIGN - 1) / TREE_ALIGN * TREE_ALIGN - WARM_RAM_BASE;
    if (!clear_used(memory, error) || !restore_kernel(memory, error)) return FALSE;
    store_le64(start + START_TREE_AT, WARM_RAM_BASE + tree_at);
    store_le64(start + START_ENTRY_AT, memory->entry);
    memcpy(memory->data, start, sizeof start);
    memcpy(memory->data + tree_at, tree, tree_bytes);
    return archive < 0 ||
           copy_archive(memory->data + (initrd - WARM_RAM_BASE), archive, archive_bytes, error);
}
