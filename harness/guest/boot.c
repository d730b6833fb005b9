#include "guest/boot.h"
#include "base/error.h"
#include "base/fdio.h"
#include "base/paths.h"
#include "gate/inputs_archive.h"
#include <elf.h>
#include <string.h>
#include <unistd.h>

/* Mitigations off: nothing hostile runs beside us, and they cost half of the time. Linux's tests of
 * its cryptography would take a third of its start. A ramfs has no limit of its own. A panic must
 * end QEMU. */
#define LINUX_BOOTARGS                                                                         \
    "console=ttyAMA0 quiet loglevel=0 panic=-1 mitigations=off kpti=off nokaslr audit=0 lsm= " \
    "psi=0 cryptomgr.notests rootfstype=ramfs norandmaps rdinit=/" GUEST_OWN_FOLDER "/init"

/* The seed, which make builds, and the text that it decodes. */
#define HEX_SEED "build/world/seed"
#define HEX_TEXT "fixtures/seed/K0.hex0"

const char *const boot_linux_files[] = {"vmlinuz", "init", "virtio_mmio.ko", "virtio_blk.ko", NULL};

static char *built_kernel(const char *root) {
    return g_build_filename(root, "build/kernel/Image", NULL);
}

static gboolean has_kernel(const char *root) {
    g_autofree char *built = built_kernel(root);
    return g_file_test(built, G_FILE_TEST_EXISTS);
}

char *boot_root(void) {
    g_autofree char *here = g_get_current_dir();
    g_autofree char *above = g_file_read_link("/proc/self/exe", NULL);
    if (has_kernel(here) || !above) return g_steal_pointer(&here);
    while (above[1]) {
        char *folder = g_path_get_dirname(above);
        g_free(above);
        above = folder;
        if (has_kernel(above)) return g_steal_pointer(&above);
    }
    return g_steal_pointer(&here);
}

char *boot_seed_kernel(const char *root) {
    g_autofree char *built = built_kernel(root);
    g_autofree char *program = g_file_read_link("/proc/self/exe", NULL);
    if (g_file_test(built, G_FILE_TEST_EXISTS) || !program) return g_steal_pointer(&built);
    g_autofree char *bin = g_path_get_dirname(program);
    g_autofree char *prefix = g_path_get_dirname(bin);
    g_autofree char *installed = g_build_filename(prefix, "lib/harness/Image", NULL);
    return g_file_test(installed, G_FILE_TEST_EXISTS) ? g_steal_pointer(&installed)
                                                      : g_steal_pointer(&built);
}

char *boot_kernel(const Boot *boot) {
    if (boot->driver == DRIVER_LINUX)
        return g_build_filename(boot->gate->root, BOOT_LINUX_FOLDER "/vmlinuz", NULL);
    if (boot->driver == DRIVER_HEX) return g_build_filename(boot->gate->root, HEX_SEED, NULL);
    const GateCase *c = boot->gate_case;
    if (gate_case_is_foreign(c))
        return g_build_filename(boot->gate->root, c->kernel ? c->kernel : c->firmware, NULL);
    return boot->seed_kernel ? g_strdup(boot->seed_kernel) : boot_seed_kernel(boot->gate->root);
}

static gboolean is_elf(const char *path) {
    g_autoptr(GMappedFile) mapped = g_mapped_file_new(path, FALSE, NULL);
    return mapped && g_mapped_file_get_length(mapped) > SELFMAG &&
           memcmp(g_mapped_file_get_contents(mapped), ELFMAG, SELFMAG) == 0;
}

char *boot_symbols(const Boot *boot) {
    const char *named = boot->gate_case->symbols;
    if (named && boot->driver == DRIVER_SEED)
        return g_build_filename(boot->gate->root, named, NULL);
    g_autofree char *kernel = boot_kernel(boot);
    if (is_elf(kernel)) return g_steal_pointer(&kernel);
    g_autofree char *folder = g_path_get_dirname(kernel);
    return g_build_filename(folder, "kernel.elf", NULL);
}

char *boot_firmware(const Boot *boot) {
    const char *firmware = boot->gate_case->firmware;
    gboolean is_path = firmware && strcmp(firmware, "none") != 0;
    return is_path ? g_build_filename(boot->gate->root, firmware, NULL) : g_strdup(firmware);
}

char *boot_dtb(const Boot *boot) {
    const char *dtb = boot->gate_case->dtb;
    return dtb ? g_build_filename(boot->gate->root, dtb, NULL) : NULL;
}

gboolean boot_has_archive(const Boot *boot, const Inputs *inputs) {
    return boot->driver != DRIVER_SEED || gate_case_keeps_contract(boot->gate_case) ||
           inputs->files->len > 0 || inputs->initrd->len > 0;
}

char *boot_args(const Boot *boot) {
    if (boot->driver == DRIVER_LINUX) return g_strdup(LINUX_BOOTARGS);
    if (boot->driver == DRIVER_HEX) return g_strdup(""); /* K0 takes all from files */
    if (boot->gate_case->append) return g_strdup(boot->gate_case->append);
    if (!gate_case_keeps_contract(boot->gate_case)) return NULL;
    const char *const *words = (const char *const *)boot->gate_case->argv;
    g_autofree char *argv = words ? inputs_bootargs(words) : NULL;
    return g_strdup_printf("spawnlog%s%s%s%s%s",
                           !boot->disk && boot->gate_case->end.is_judged ? " dumpfs" : "",
                           boot->nonce ? " nonce=" : "", boot->nonce ? boot->nonce : "",
                           argv ? " " : "", argv ? argv : "");
}

/* ---- The files in the folder of our init (see fixtures/linux-init) ---- */

static void add_own(GPtrArray *files, const char *name, GBytes *content) {
    g_autofree char *path = g_strconcat("/" GUEST_OWN_FOLDER "/", name, NULL);
    input_files_add(files, path, content);
}

static gboolean add_built(const Boot *boot, GPtrArray *files, const char *name, GError **error) {
    g_autofree char *path = g_build_filename(boot->gate->root, BOOT_LINUX_FOLDER, name, NULL);
    g_autoptr(GError) failed = NULL;
    GBytes *bytes = fdio_load(path, &failed);
    if (bytes) {
        add_own(files, name, bytes);
        return TRUE;
    }
    g_set_error(error, HARNESS_ERROR, HARNESS_ERROR_IO, "the linux driver: %s", failed->message);
    return FALSE;
}

static GBytes *argv_bytes(const GateCase *c) {
    static const char *const only_init[] = {"init", NULL};
    GByteArray *bytes = g_byte_array_new();
    const char *const *argv = c->argv ? (const char *const *)c->argv : only_init;
    for (const char *const *word = argv; *word; word++)
        g_byte_array_append(bytes, (const guint8 *)*word, (guint)strlen(*word) + 1);
    return g_byte_array_free_to_bytes(bytes);
}

static gboolean add_own_files(const Boot *boot, GPtrArray *files, GError **error) {
    g_autofree char *settings = g_strdup_printf("%s\n%s\n", boot->nonce ? boot->nonce : "",
                                                boot->disk ? "disk" : "console");
    add_own(files, "run", g_bytes_new(settings, strlen(settings)));
    add_own(files, "argv", argv_bytes(boot->gate_case));
    return add_built(boot, files, "init", error) &&
           (!boot->disk || (add_built(boot, files, "virtio_mmio.ko", error) &&
                            add_built(boot, files, "virtio_blk.ko", error)));
}

/* The files of the guest, at the place where our init expects them. */
static GPtrArray *below_own_folder(const GPtrArray *files) {
    GPtrArray *moved = input_files();
    for (guint i = 0; i < files->len; i++) {
        const InputFile *file = files->pdata[i];
        g_autofree char *path = g_strconcat("/" GUEST_OWN_FOLDER "/root", file->guest_path, NULL);
        input_files_add(moved, path, g_bytes_ref(file->content));
    }
    return moved;
}

/* ---- K0: text, a zero byte, and the archive at the next word; /steps and /nonce in it ---- */

char *boot_hex_text(const Boot *boot) { return g_build_filename(boot->gate->root, HEX_TEXT, NULL); }

static void add_text(GPtrArray *files, const char *path, const char *text) {
    input_files_add(files, path, g_bytes_new(text, strlen(text)));
}

/* A program gets the path that it is started by as its first argument. */
static char *steps_line(const char *const *argv) {
    GString *line = g_string_new("/init");
    for (const char *const *word = argv && *argv ? argv + 1 : NULL; word && *word; word++)
        g_string_append_printf(line, " %s", *word);
    return g_string_free(g_string_append_c(line, '\n'), FALSE);
}

static GPtrArray *hex_files(const Boot *boot, const GPtrArray *files) {
    GPtrArray *all = input_files();
    g_autofree char *line = steps_line((const char *const *)boot->gate_case->argv);
    for (guint i = 0; i < files->len; i++) {
        const InputFile *file = files->pdata[i];
        input_files_add(all, file->guest_path, g_bytes_ref(file->content));
    }
    add_text(all, "/steps", line);
    if (boot->nonce) add_text(all, "/nonce", boot->nonce);
    return all;
}

/* Moves the content of `archive`, which is closed, behind the text. */
static int behind_text(GBytes *text, int archive, GError **error) {
    static const char zeros[4] = {0};
    gsize size;
    const void *data = g_bytes_get_data(text, &size);
    int fd = lseek(archive, 0, SEEK_SET) == 0 ? fdio_memfd("world", error) : -1;
    g_autoptr(GBytes) content = fd >= 0 ? fdio_read_all(archive, "the archive", error) : NULL;
    gsize length = 0;
    const void *bytes = content ? g_bytes_get_data(content, &length) : NULL;
    if (!content || !fdio_write(fd, data, size, error) ||
        !fdio_write(fd, zeros, sizeof zeros - size % sizeof zeros, error) ||
        !fdio_write(fd, bytes, length, error))
        fdio_clear(&fd);
    fdio_clear(&archive);
    return fd;
}

static int hex_archive(const Boot *boot, const Inputs *inputs, GError **error) {
    g_autofree char *path = boot_hex_text(boot);
    g_autoptr(GBytes) text = fdio_load(path, error);
    g_autoptr(GPtrArray) files = hex_files(boot, inputs->files);
    const Inputs all = {.files = files};
    int archive = text ? inputs_archive(&all, NULL, NULL, error) : -1;
    return archive >= 0 ? behind_text(text, archive, error) : -1;
}

/* The initrd of another kernel, as the gate gives it. */
static int bare_initrd(GBytes *content, GError **error) {
    gsize size;
    const void *data = g_bytes_get_data(content, &size);
    int fd = fdio_memfd("initrd", error);
    if (fd >= 0 && !fdio_write(fd, data, size, error)) fdio_clear(&fd);
    return fd;
}

int boot_archive(const Boot *boot, const Inputs *inputs, GError **error) {
    const char *const *argv = (const char *const *)boot->gate_case->argv;
    g_autoptr(GPtrArray) own = input_files();
    if (inputs->initrd && inputs->initrd->len > 0)
        return bare_initrd(((const InputFile *)inputs->initrd->pdata[0])->content, error);
    if (boot->driver == DRIVER_HEX) return hex_archive(boot, inputs, error);
    /* Another kernel may need an entry for each folder, as Linux does. */
    if (boot->driver != DRIVER_LINUX)
        return inputs_archive(inputs, argv, boot->gate_case->kernel ? own : NULL, error);
    g_autoptr(GPtrArray) moved = below_own_folder(inputs->files);
    const Inputs all = {.files = moved};
    return add_own_files(boot, own, error) ? inputs_archive(&all, argv, own, error) : -1;
}
