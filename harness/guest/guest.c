#define _GNU_SOURCE /* pipe2, F_SETPIPE_SZ */
#include "guest/guest.h"
#include "base/error.h"
#include "base/fdio.h"
#include "gate/qemu_option.h"
#include "guest/confinement.h"
#include "guest/qmp.h"
#include <errno.h>
#include <fcntl.h>
#include <gio/gunixfdlist.h>
#include <signal.h>
#include <string.h>
#include <sys/ioctl.h>
#include <sys/prctl.h>
#include <sys/socket.h>
#include <sys/utsname.h>
#include <unistd.h>

/*
 * While it records or replays, QEMU's main loop waits until the guest's present slice of
 * instructions is over, which without a timer of the guest is 2^31 ns of its clock. An instruction
 * of 1 ns makes that seconds, in which no SIGTERM and no QMP is heard, of one that prints without
 * end ever; one of 2^7 ns some 20 ms.
 */
#define RECORDING_ICOUNT "shift=7,sleep=off"

/* The numbers of inherited descriptors in the child. */
enum {
    CHILD_QMP_FD = 3,
    CHILD_INITRD_FD,
    CHILD_SEED_IN_FD,
    CHILD_SEED_OUT_FD,
    CHILD_PLUGIN_FD,
    CHILD_MEMORY_FD,
    CHILD_HEADER_FD,
    CHILD_DRIVES_FD, /* and those that follow */
};

static gboolean has_accelerator(const char *name, const char *arch) {
    struct utsname host;
    if (strcmp(name, "tcg") == 0) return TRUE;
    if (uname(&host) != 0 ||
        strcmp(strcmp(host.machine, "arm64") == 0 ? "aarch64" : host.machine, arch) != 0)
        return FALSE;
    return strcmp(name, "hvf") == 0 ? strcmp(host.sysname, "Darwin") == 0
                                    : access("/dev/kvm", R_OK | W_OK) == 0;
}

const char *guest_accelerator(const char *names, const char *arch) {
    g_auto(GStrv) each = g_strsplit(names, ":", -1);
    for (char **name = each; *name; name++)
        if (has_accelerator(*name, arch)) return g_intern_string(*name);
    return NULL;
}

static void add(GStrvBuilder *argv, const char *option, const char *value) {
    g_strv_builder_add(argv, option);
    if (value) g_strv_builder_add(argv, value);
}

static void add_disk(GStrvBuilder *argv, const char *name, int child_fd, const char *read_only) {
    /* The image is private and in memory: it needs no lock, and no flush can lose it. */
    g_autofree char *file =
        g_strdup_printf("driver=raw,node-name=%s,read-only=%s,file.driver=file,file.locking=off,"
                        "file.filename=/proc/self/fd/%d",
                        name, read_only, child_fd);
    g_autofree char *device = g_strdup_printf("virtio-blk-device,drive=%s,serial=%s", name, name);
    add(argv, "-blockdev", file);
    add(argv, "-device", device);
}

/* Beside a flash memory with its variables, firmware is in one too. */
static void add_firmware(GStrvBuilder *argv, const GuestConfig *config) {
    gboolean has_flash = FALSE;
    for (guint i = 0; config->drives && i < config->drives->len; i++)
        has_flash |= ((const GuestDrive *)config->drives->pdata[i])->drive->kind == DRIVE_FLASH;
    if (config->firmware && has_flash) {
        g_autofree char *path = qemu_option_escape(config->firmware);
        g_autofree char *file = g_strconcat(
            "driver=raw,node-name=firmware,read-only=on,file.driver=file,file.filename=", path,
            NULL);
        add(argv, "-blockdev", file);
        add(argv, "-machine", "pflash0=firmware");
    } else if (config->firmware) {
        add(argv, "-bios", config->firmware);
    }
}

static void add_plugin(GStrvBuilder *argv, const char *path) {
    g_autofree char *escaped = qemu_option_escape(path);
    g_autofree char *value = g_strdup_printf("%s,fd=%d", escaped, CHILD_PLUGIN_FD);
    add(argv, "-plugin", value);
}

/* Guest memory that the harness shares, and a QEMU that stands still when the guest has ended. */
static void add_warm(GStrvBuilder *argv, const GuestConfig *config) {
    g_autofree char *header = g_strdup_printf("/proc/self/fd/%d", CHILD_HEADER_FD);
    g_autofree char *memory =
        g_strdup_printf("memory-backend-file,id=memory,share=on,mem-path=/proc/self/fd/%d,"
                        "size=%" G_GUINT64_FORMAT,
                        CHILD_MEMORY_FD, config->memory_bytes);
    add(argv, "-object", memory);
    add(argv, "-machine", "memory-backend=memory");
    add(argv, "-action", "reboot=shutdown,shutdown=pause");
    add(argv, "-kernel", header);
}

/* The machine that the guest sees. */
static void add_machine(GStrvBuilder *argv, const GuestConfig *config, const char *replay_mode) {
    gboolean counted = config->icount || replay_mode;
    /* Only translated code can be counted. */
    const char *accelerator = counted ? "tcg" : config->accelerator;
    /* A device tree with random seeds would be another input in every run. */
    gboolean has_dtb = config->machine && strcmp(config->arch, "aarch64") == 0;
    g_autofree char *machine = g_strconcat(config->machine ? config->machine : "",
                                           counted && has_dtb ? ",dtb-randomness=off" : "", NULL);
    guint64 kib = config->memory_bytes >> 10;
    g_autofree char *memory = kib % 1024 ? g_strdup_printf("%" G_GUINT64_FORMAT "K", kib)
                                         : g_strdup_printf("%" G_GUINT64_FORMAT "M", kib >> 10);
    g_autofree char *smp = g_strdup_printf("%" G_GINT64_FORMAT, config->smp);
    g_autofree char *icount = replay_mode ? g_strdup_printf(RECORDING_ICOUNT ",rr=%s,rrfile=%s",
                                                            replay_mode, config->record_file)
                                          : g_strdup("shift=0,sleep=off");
    add(argv, config->qemu, NULL);
    if (*machine) add(argv, "-M", machine);
    if (counted) add(argv, "-icount", icount);
    add(argv, "-accel", accelerator);
    if (config->cpu) add(argv, "-cpu", config->cpu);
    if (config->smp > 0) add(argv, "-smp", smp);
    if (config->memory_bytes) add(argv, "-m", memory);
    add(argv, "-nodefaults", NULL);
    add(argv, "-no-user-config", NULL);
    add(argv, "-display", "none");
    if (!config->warm) add(argv, "-no-reboot", NULL);
    add(argv, "-chardev", "stdio,id=console,signal=off");
    add(argv, "-serial", "chardev:console");
    add_firmware(argv, config);
    if (config->kernel && !config->warm) add(argv, "-kernel", config->kernel);
    if (config->dtb) add(argv, "-dtb", config->dtb);
    if (config->append && *config->append) add(argv, "-append", config->append);
    if (config->initrd_path) add(argv, "-initrd", config->initrd_path);
    if (config->net != NET_NONE) {
        add(argv, "-netdev", config->net == NET_OPEN ? "user,id=net" : "user,id=net,restrict=on");
        /* Without the ROM to boot from, which not every system has. */
        add(argv, "-device", "virtio-net-pci,netdev=net,romfile=");
    }
    for (guint i = 0; config->drives && i < config->drives->len; i++)
        guest_drive_append(config->drives->pdata[i], CHILD_DRIVES_FD + (int)i, config->arch,
                           config->machine, argv);
    for (const char *const *word = config->more; word && *word; word++)
        add(argv, *word, NULL);
}

GStrv guest_replay_argv(const GuestConfig *config) {
    g_autoptr(GStrvBuilder) argv = g_strv_builder_new();
    add_machine(argv, config, "replay");
    return g_strv_builder_end(argv);
}

GStrv guest_argv(const GuestConfig *config, int qmp_fd) {
    g_autoptr(GStrvBuilder) argv = g_strv_builder_new();
    g_autofree char *qmp = g_strdup_printf("socket,id=qmp,fd=%d", qmp_fd);
    g_autofree char *initrd = g_strdup_printf("/proc/self/fd/%d", CHILD_INITRD_FD);
    add_machine(argv, config, config->record_file ? "record" : NULL);
    add(argv, "-S", NULL);
    add(argv, "-sandbox",
        "on,obsolete=deny,elevateprivileges=deny,spawn=deny,"
        "resourcecontrol=deny");
    add(argv, "-chardev", qmp);
    add(argv, "-mon", "chardev=qmp,mode=control");
    if (config->core_file && !config->is_judged_by_status) add(argv, "-action", "shutdown=pause");
    if (config->gdb_socket) {
        g_autofree char *gdb =
            g_strdup_printf("socket,id=gdb,path=%s,server=on,wait=off", config->gdb_socket);
        add(argv, "-chardev", gdb);
        add(argv, "-gdb", "chardev:gdb");
    }
    if (config->initrd_fd >= 0) add(argv, "-initrd", initrd);
    if (config->seed_in_fd >= 0 || config->seed_out_fd >= 0)
        add(argv, "-global", "virtio-mmio.force-legacy=false");
    /* One that is read-only could not get another size. */
    if (config->seed_in_fd >= 0)
        add_disk(argv, "seed-in", CHILD_SEED_IN_FD, config->warm ? "off" : "on");
    if (config->seed_out_fd >= 0) add_disk(argv, "seed-out", CHILD_SEED_OUT_FD, "off");
    if (config->plugin) add_plugin(argv, config->plugin);
    if (config->warm) add_warm(argv, config);
    return g_strv_builder_end(argv);
}

typedef struct {
    pid_t parent;
    int rules; /* of the confinement; -1: none */
} Child;

/* Runs in the child between fork and exec: only async-signal-safe calls. */
static void child_setup(gpointer data) {
    static const char unconfined[] = "cannot be confined to its files\n";
    const Child *child = data;
    prctl(PR_SET_PDEATHSIG, SIGKILL);
    /* The parent may have died before that line. */
    if (getppid() != child->parent) _exit(127);
    /* Ctrl-C on our terminal must not reach QEMU, so that its state can still be captured. */
    setpgid(0, 0);
    if (child->rules < 0 || confinement_enter(child->rules)) return;
    ssize_t told = write(STDERR_FILENO, unconfined, sizeof unconfined - 1);
    (void)told;
    _exit(127);
}

/* -1 if the system has none; -1 and *error on failure. */
static int confine(const GuestConfig *config, GError **error) {
    g_autofree char *gdb_folder =
        config->gdb_socket ? g_path_get_dirname(config->gdb_socket) : NULL;
    if (config->is_unconfined) return -1;
    const ConfinementPath paths[] = {
        {config->kernel, CONFINEMENT_READ},       {config->firmware, CONFINEMENT_READ},
        {config->dtb, CONFINEMENT_READ},          {config->initrd_path, CONFINEMENT_READ},
        {config->record_file, CONFINEMENT_WRITE}, {config->core_file, CONFINEMENT_WRITE},
        {config->plugin, CONFINEMENT_READ},       {gdb_folder, CONFINEMENT_SOCKETS}};
    g_autoptr(GArray) all = g_array_new(FALSE, FALSE, sizeof(ConfinementPath));
    g_array_append_vals(all, paths, G_N_ELEMENTS(paths));
    for (guint i = 0; config->drives && i < config->drives->len; i++) {
        const GuestDrive *drive = config->drives->pdata[i];
        ConfinementPath share = {drive->folder, CONFINEMENT_TREE};
        g_array_append_val(all, share);
    }
    return confinement_new(config->qemu, (const ConfinementPath *)all->data, all->len, error);
}

static void take_copy(GSubprocessLauncher *launcher, int fd, int child_fd) {
    if (fd >= 0) g_subprocess_launcher_take_fd(launcher, fcntl(fd, F_DUPFD_CLOEXEC, 0), child_fd);
}

static gboolean spawn(Guest *guest, const GuestConfig *config, int input_fd, int console_fd,
                      int stderr_fd, int qmp_fd, GError **error) {
    g_autoptr(GSubprocessLauncher) launcher = g_subprocess_launcher_new(G_SUBPROCESS_FLAGS_NONE);
    g_subprocess_launcher_take_stdin_fd(launcher, input_fd);
    g_subprocess_launcher_take_stdout_fd(launcher, console_fd);
    g_subprocess_launcher_take_stderr_fd(launcher, stderr_fd);
    g_subprocess_launcher_take_fd(launcher, qmp_fd, CHILD_QMP_FD);
    take_copy(launcher, config->initrd_fd, CHILD_INITRD_FD);
    take_copy(launcher, config->seed_in_fd, CHILD_SEED_IN_FD);
    take_copy(launcher, config->seed_out_fd, CHILD_SEED_OUT_FD);
    if (config->plugin) take_copy(launcher, config->plugin_fd, CHILD_PLUGIN_FD);
    if (config->warm) {
        take_copy(launcher, config->warm->memory_fd, CHILD_MEMORY_FD);
        take_copy(launcher, config->warm->header_fd, CHILD_HEADER_FD);
    }
    for (guint i = 0; config->drives && i < config->drives->len; i++)
        take_copy(launcher, guest_drive_fd(config->drives->pdata[i]), CHILD_DRIVES_FD + (int)i);
    g_auto(GStrv) argv = guest_argv(config, CHILD_QMP_FD);
    GError *failed = NULL;
    Child child = {getpid(), confine(config, error)};
    if (child.rules < 0 && confinement_exists() && !config->is_unconfined) return FALSE;
    g_subprocess_launcher_set_child_setup(launcher, child_setup, &child, NULL);
    guest->process = g_subprocess_launcher_spawnv(launcher, (const char *const *)argv, &failed);
    fdio_clear(&child.rules);
    if (guest->process) return TRUE;
    g_set_error(error, HARNESS_ERROR, HARNESS_ERROR_QEMU,
                "cannot start QEMU: %s; install it (\"make run\" does) or name another program "
                "with --qemu",
                failed->message);
    g_error_free(failed);
    return FALSE;
}

Guest *guest_start(const GuestConfig *config, GError **error) {
    int input[2] = {-1, -1}, console[2] = {-1, -1}, errors[2] = {-1, -1}, qmp[2] = {-1, -1};
    if (pipe2(input, O_CLOEXEC) != 0 || pipe2(console, O_CLOEXEC) != 0 ||
        pipe2(errors, O_CLOEXEC) != 0 ||
        socketpair(AF_UNIX, SOCK_STREAM | SOCK_CLOEXEC, 0, qmp) != 0) {
        error_set_errno(error, errno, "cannot create descriptors for QEMU");
        for (guint i = 0; i < 2; i++) {
            fdio_clear(&input[i]);
            fdio_clear(&console[i]);
            fdio_clear(&errors[i]);
        }
        return NULL;
    }
    fcntl(console[0], F_SETPIPE_SZ, GUEST_CONSOLE_BYTES);
    g_autoptr(Guest) guest = g_new0(Guest, 1);
    guest->input_fd = input[1];
    guest->console_fd = console[0];
    guest->stderr_fd = errors[0];
    guest->qmp_fd = qmp[0];
    for (const int *fd = (const int[]){input[1], console[0], errors[0], qmp[0], -1}; *fd >= 0; fd++)
        fcntl(*fd, F_SETFL, O_NONBLOCK);

    /* QEMU reads its commands after its greeting, whenever they were sent; before it runs, nobody
     * has closed the other end yet. */
    g_autofree char *capabilities = qmp_command("qmp_capabilities", GUEST_QMP_CAPABILITIES);
    g_autofree char *cont =
        config->warm ? g_strdup(config->warm->commands) : qmp_command("cont", GUEST_QMP_CONT);
    if (!fdio_write(guest->qmp_fd, capabilities, strlen(capabilities), error) ||
        (!config->gdb_socket && !fdio_write(guest->qmp_fd, cont, strlen(cont), error)) ||
        !spawn(guest, config, input[0], console[1], errors[1], qmp[1], error))
        return NULL;
    return g_steal_pointer(&guest);
}

gboolean guest_leaves_input(const Guest *guest) {
    int unread;
    return ioctl(guest->input_fd, FIONREAD, &unread) == 0 && unread > 0;
}

/* A program that starts QEMU, rather than becomes it, would die of the signal. */
static gboolean blocks_signal(const char *pid, int signal) {
    g_autofree char *path = g_build_filename("/proc", pid, "status", NULL);
    g_autofree char *status = NULL;
    if (!g_file_get_contents(path, &status, NULL, NULL)) return FALSE;
    const char *blocked = strstr(status, "\nSigBlk:");
    return blocked && g_ascii_strtoull(blocked + strlen("\nSigBlk:"), NULL, 16) >> (signal - 1) & 1;
}

void guest_wake(Guest *guest) {
    const char *pid = g_subprocess_get_identifier(guest->process);
    if (pid && blocks_signal(pid, SIGIO)) g_subprocess_send_signal(guest->process, SIGIO);
}

void guest_kill(Guest *guest, gboolean hard) {
    g_subprocess_send_signal(guest->process, hard ? SIGKILL : SIGTERM);
}

void guest_free(Guest *guest) {
    if (guest->process) g_subprocess_force_exit(guest->process);
    g_clear_object(&guest->process);
    fdio_clear(&guest->input_fd);
    fdio_clear(&guest->console_fd);
    fdio_clear(&guest->qmp_fd);
    fdio_clear(&guest->stderr_fd);
    g_free(guest);
}
