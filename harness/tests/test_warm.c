/* QEMUs that are reset between cases: their memory before the first instruction is that of a QEMU
 * which others start with the same files, byte for byte, whatever ran before. */
#include "base/cpio.h"
#include "base/fdio.h"
#include "guest/warm.h"
#include "suite.h"
#include <errno.h>
#include <fcntl.h>
#include <libfdt.h>
#include <poll.h>
#include <sys/mman.h>
#include <unistd.h>

#define QEMU     "qemu-system-aarch64"
#define KERNEL   "build/kernel/Image"
#define MACHINE  "virt,gic-version=3,dtb-randomness=off"
#define CPU      "cortex-a57"
#define RAM_BASE G_GUINT64_CONSTANT(0x40000000)
#define BYTES    ((gsize)64 << 20)
/* No answer takes longer on a machine that is of any use. */
#define LIMIT_MS 60000

/* ---- Archives ---- */

static void add_file(CpioWriter *writer, const char *name, const char *path, gsize padding) {
    g_autofree char *data = NULL;
    gsize size = padding;
    if (path)
        ck_assert(g_file_get_contents(path, &data, &size, NULL));
    else
        data = g_malloc0(padding);
    const CpioEntry entry = {name, 0100755, (const guint8 *)data, size, 0, 0, NULL};
    ck_assert(cpio_write(writer, &entry, NULL));
}

/* An archive whose init is a test program of the kernel, with so many more bytes. */
static int archive_of(const char *init, gsize padding) {
    CpioWriter writer = {fdio_memfd("archive", NULL), 0};
    ck_assert_int_ge(writer.fd, 0);
    add_file(&writer, "init", init, 0);
    if (padding) add_file(&writer, "padding", NULL, padding);
    ck_assert(cpio_write_trailer(&writer, NULL));
    off_t size = lseek(writer.fd, 0, SEEK_CUR);
    ck_assert_int_eq(ftruncate(writer.fd, (size + 511) / 512 * 512), 0);
    return writer.fd;
}

/* ---- A QEMU that is reset ---- */

static Warm *take(WarmPool *pool, int archive, const char *append) {
    const GuestConfig config = {.qemu = QEMU,
                                .arch = "aarch64",
                                .machine = MACHINE,
                                .cpu = CPU,
                                .accelerator = "tcg",
                                .kernel = KERNEL,
                                .append = append,
                                .memory_bytes = BYTES,
                                .initrd_fd = archive,
                                .seed_in_fd = -1,
                                .seed_out_fd = -1};
    GError *error = NULL;
    Warm *warm = warm_take(pool, &config, &error);
    ck_assert_msg(warm != NULL, "%s", error ? error->message : "it needs a QEMU of its own");
    return warm;
}

/* Waits for an event of QEMU, and reads what the guest prints meanwhile. */
static void wait_for(Warm *warm, const char *event) {
    char buffer[65536];
    struct pollfd fds[] = {{.fd = warm_guest(warm)->qmp_fd, .events = POLLIN},
                           {.fd = warm_guest(warm)->console_fd, .events = POLLIN}};
    for (;;) {
        QmpMessage message = {0};
        while (qmp_pull(warm_qmp(warm), &message, NULL)) {
            ck_assert_int_ne(message.kind, QMP_ERROR);
            gboolean found = message.kind == QMP_EVENT && strcmp(message.text, event) == 0;
            qmp_message_clear(&message);
            if (found) return;
        }
        ck_assert_msg(poll(fds, 2, LIMIT_MS) > 0, "QEMU sends no %s", event);
        ssize_t got = fds[0].revents ? read(fds[0].fd, buffer, sizeof buffer) : 0;
        if (got > 0) qmp_push(warm_qmp(warm), (guint8 *)buffer, (gsize)got);
        while (fds[1].revents && read(fds[1].fd, buffer, sizeof buffer) > 0)
            continue;
    }
}

static void load(Warm *warm) {
    GError *error = NULL;
    wait_for(warm, "RESET");
    ck_assert_msg(warm_load(warm, &error), "%s", error ? error->message : "");
}

/* Runs a case to its end and gives its QEMU back. */
static void run(WarmPool *pool, const char *init, gsize padding, const char *append) {
    int archive = archive_of(init, padding);
    Warm *warm = take(pool, archive, append);
    g_autofree char *cont = qmp_command("cont", GUEST_QMP_CONT);
    load(warm);
    ck_assert(fdio_write(warm_guest(warm)->qmp_fd, cont, strlen(cont), NULL));
    wait_for(warm, "STOP");
    warm_give(pool, warm);
    fdio_clear(&archive);
}

/* ---- The other QEMU ---- */

/* Memory of a QEMU that is started for these files alone, before the first instruction. */
static guint8 *memory_of_new(int archive, const char *append) {
    int memory = fdio_memfd("memory", NULL), fd = fcntl(archive, F_DUPFD_CLOEXEC, 0);
    ck_assert_int_eq(ftruncate(memory, (off_t)BYTES), 0);
    g_autoptr(GSubprocessLauncher) launcher =
        g_subprocess_launcher_new(G_SUBPROCESS_FLAGS_STDIN_PIPE | G_SUBPROCESS_FLAGS_STDOUT_PIPE);
    g_subprocess_launcher_take_fd(launcher, fcntl(memory, F_DUPFD_CLOEXEC, 0), 3);
    g_subprocess_launcher_take_fd(launcher, fd, 4);
    g_autoptr(GSubprocess) qemu = g_subprocess_launcher_spawn(
        launcher, NULL, QEMU, "-M", MACHINE ",memory-backend=memory", "-cpu", CPU, "-m", "64M",
        "-object", "memory-backend-file,id=memory,share=on,size=64M,mem-path=/proc/self/fd/3",
        "-nodefaults", "-display", "none", "-S", "-kernel", KERNEL, "-initrd", "/proc/self/fd/4",
        "-append", append, "-qmp", "stdio", NULL);
    ck_assert_ptr_nonnull(qemu);
    /* It answers a command when all is set up. */
    static const char command[] = "{\"execute\": \"qmp_capabilities\"}\n";
    ck_assert(g_output_stream_write_all(g_subprocess_get_stdin_pipe(qemu), command,
                                        sizeof command - 1, NULL, NULL, NULL));
    g_autoptr(GDataInputStream) lines = g_data_input_stream_new(g_subprocess_get_stdout_pipe(qemu));
    for (gboolean answered = FALSE; !answered;) {
        g_autofree char *line = g_data_input_stream_read_line(lines, NULL, NULL, NULL);
        ck_assert_ptr_nonnull(line);
        answered = strstr(line, "\"return\"") != NULL;
    }
    guint8 *data = mmap(NULL, BYTES, PROT_READ, MAP_SHARED, memory, 0);
    ck_assert_ptr_ne(data, MAP_FAILED);
    g_subprocess_force_exit(qemu);
    g_subprocess_wait(qemu, NULL, NULL);
    fdio_clear(&memory);
    return data;
}

/* All of memory but unused bytes of the device tree, where QEMU leaves what it moved away: the end
 * of the boot arguments' last word of four bytes, and that of the tree. */
static void assert_same(const guint8 *warm, const guint8 *new) {
    guint64 tree;
    memcpy(&tree, new + 24, sizeof tree); /* behind QEMU's start code */
    tree -= RAM_BASE;
    ck_assert_int_eq(fdt_check_header(new + tree), 0);
    gsize unused = tree + fdt_off_dt_strings(new + tree) + fdt_size_dt_strings(new + tree);
    int length;
    const char *bootargs =
        fdt_getprop(new + tree, fdt_path_offset(new + tree, "/chosen"), "bootargs", &length);
    gsize args = (gsize)((const guint8 *)bootargs - new) + (gsize)length;
    gsize end = tree + fdt_totalsize(new + tree);
    for (gsize at = 0; at < BYTES; at += 4096)
        for (gsize i = at; memcmp(warm + at, new + at, 4096) != 0 && i < at + 4096; i++)
            ck_assert_msg(warm[i] == new[i] || (i >= unused && i < end) ||
                              (i >= args && i < (args + 3) / 4 * 4),
                          "memory differs at 0x%zx: 0x%02x, new 0x%02x", i, warm[i], new[i]);
}

/* ---- Tests ---- */

static const gsize paddings[] = {0, 100 << 10, 900 << 10, (3 << 20) + 4321};

START_TEST(memory_is_that_of_a_new_one) {
    g_autoptr(WarmPool) pool = warm_pool_new();
    for (guint i = 0; i < G_N_ELEMENTS(paddings); i++) {
        const char *append = i % 2 ? "spawnlog dumpfs" : "spawnlog nonce=12345 init a-word another";
        /* Programs end, fault, need all memory and leave it dirty; a kernel panics. */
        run(pool, "build/kernel/user/hello", paddings[i], "spawnlog hello");
        run(pool, "build/kernel/user/fault", paddings[i], "spawnlog fault null-read");
        run(pool, "build/kernel/user/memory", paddings[i], "init out-of-memory");
        run(pool, KERNEL, paddings[i], "spawnlog a much longer line of words than the one before");
        int archive = archive_of("build/kernel/user/true", paddings[i]);
        Warm *warm = take(pool, archive, append);
        ck_assert_uint_eq(warm_cases(warm), 4);
        load(warm);
        guint8 *new = memory_of_new(archive, append);
        ck_assert_uint_eq(warm_memory_bytes(warm), BYTES);
        assert_same(warm_memory(warm), new);
        munmap(new, BYTES);
        warm_free(warm);
        fdio_clear(&archive);
    }
}
END_TEST

START_TEST(refuses_a_kernel_that_has_changed) {
    g_autoptr(WarmPool) pool = warm_pool_new();
    GError *error = NULL;
    run(pool, "build/kernel/user/hello", 0, "hello");
    int archive = archive_of("build/kernel/user/hello", 0);
    g_autoptr(Warm) warm = take(pool, archive, "hello");
    ck_assert_uint_eq(warm_cases(warm), 1);
    wait_for(warm, "RESET");
    ((guint8 *)warm_memory(warm))[0x80000 + 0x1234] ^= 1;
    ck_assert(!warm_load(warm, &error));
    suite_assert_error(&error, "the text of the kernel has changed in memory");
    fdio_clear(&archive);
}
END_TEST

START_TEST(a_large_archive_has_a_qemu_of_its_own) {
    g_autoptr(WarmPool) pool = warm_pool_new();
    int archive = archive_of("build/kernel/user/hello", 5 << 20);
    const GuestConfig config = {.qemu = QEMU,
                                .kernel = KERNEL,
                                .memory_bytes = BYTES,
                                .initrd_fd = archive,
                                .seed_in_fd = -1,
                                .seed_out_fd = -1};
    GError *error = NULL;
    ck_assert_ptr_null(warm_take(pool, &config, &error));
    ck_assert_ptr_null(error);
    fdio_clear(&archive);
}
END_TEST

SUITE_MAIN("warm", memory_is_that_of_a_new_one, refuses_a_kernel_that_has_changed,
           a_large_archive_has_a_qemu_of_its_own)
