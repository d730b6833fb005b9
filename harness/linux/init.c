/*
 * The init of Debian's Linux kernel for `harness run --driver linux`: it keeps the guest contract
 * (DESIGN.md, section 3) as the seed kernel does, so that the harness reads both alike. What it
 * needs stands in the folder /.harness of the initramfs, which is gone when /init starts:
 *
 *   init             this program (rdinit=/.harness/init)
 *   run              two lines: the nonce (or nothing), and how files go out: disk or console
 *   argv             the arguments of /init, each ended by a NUL
 *   virtio_mmio.ko, virtio_blk.ko   modules of this kernel, for the disk
 *   root/            the files of the guest, which get their places when Linux can run none of them
 * by itself
 *
 * Index: port: console, clock, end; settings: run and argv; confine: what programs may not do;
 * follow: /init and its children; files: what they left.
 */
#include "confine.h"
#include "files.h"
#include "follow.h"
#include "port.h"
#include "settings.h"

#define FOLDER "/.harness"

enum { ARGV_BYTES = 4 << 20, ARGV_WORDS = 1 << 16, RUN_BYTES = 256 };

static char run_text[RUN_BYTES], argv_text[ARGV_BYTES];
static char *argv_words[ARGV_WORDS + 1];

/* Reads a file of the folder whole; returns its size. */
static u64 load(const char *path, char *to, u64 size) {
    u64 length = 0;
    long got;
    int fd = (int)syscall(SYS_OPENAT, AT_FDCWD, path, O_RDONLY, 0);
    if (fd < 0) give_up("cannot open", path, fd);
    while ((got = syscall(SYS_READ, fd, to + length, size - length)) > 0)
        length += (u64)got;
    if (got < 0 || length == size) give_up("cannot read", path, got);
    syscall(SYS_CLOSE, fd);
    return length;
}

static void load_settings(struct settings *settings) {
    u64 size = load(FOLDER "/run", run_text, sizeof run_text);
    if (settings_read(settings, run_text, size) != 0) give_up("no two lines in", FOLDER "/run", 0);
    size = load(FOLDER "/argv", argv_text, sizeof argv_text);
    if (settings_arguments(argv_words, ARGV_WORDS, argv_text, size) < 0)
        give_up("more arguments than this init takes", "", 0);
}

/* Bytes as they are: no CR before LF. asm-generic/termbits.h: struct termios. */
static void make_raw(void) {
    enum { TCGETS = 0x5401, TCSETS = 0x5402 };
    u32 termios[16];
    if (syscall(SYS_IOCTL, 1, TCGETS, termios) != 0) return;
    termios[1] = 0; /* c_oflag */
    syscall(SYS_IOCTL, 1, TCSETS, termios);
}

static void load_module(const char *path) {
    int fd = (int)syscall(SYS_OPENAT, AT_FDCWD, path, O_RDONLY | O_CLOEXEC, 0);
    long result = fd < 0 ? fd : syscall(SYS_FINIT_MODULE, fd, "", 0);
    if (result != 0) give_up("cannot load", path, result);
    syscall(SYS_CLOSE, fd);
}

static int open_device(const char *path, int flags) {
    int fd = (int)syscall(SYS_OPENAT, AT_FDCWD, path, flags | O_CLOEXEC, 0);
    if (fd < 0) give_up("cannot open", path, fd);
    return fd;
}

static void remove(const char *path, int flags) { syscall(SYS_UNLINKAT, AT_FDCWD, path, flags); }

/* What Linux and the harness have put there is no file of the guest, and the nonce none of its
 * business. */
static void clean(void) {
    static const char *const files[] = {FOLDER "/init",          FOLDER "/run",
                                        FOLDER "/argv",          FOLDER "/virtio_mmio.ko",
                                        FOLDER "/virtio_blk.ko", "/dev/console"};
    static const char *const folders[] = {FOLDER "/dev", FOLDER "/proc", "/dev", "/root"};
    for (u32 i = 0; i < sizeof files / sizeof *files; i++)
        remove(files[i], 0);
    for (u32 i = 0; i < sizeof folders / sizeof *folders; i++)
        remove(folders[i], AT_REMOVEDIR);
}

/* Gives the files of the guest their places. */
static void move_files(void) {
    int from = (int)syscall(SYS_OPENAT, AT_FDCWD, FOLDER "/root", O_DIRECTORY | O_CLOEXEC, 0);
    int to = (int)syscall(SYS_OPENAT, AT_FDCWD, "/", O_DIRECTORY | O_CLOEXEC, 0);
    u64 names[1024], moved;
    long got;
    if (from < 0 || to < 0) give_up("cannot open", FOLDER "/root", from);
    do {
        moved = 0;
        got = syscall(SYS_GETDENTS64, from, names, sizeof names);
        for (long at = 0; at < got;) {
            const struct entry *entry = (const void *)((const char *)names + at);
            at += entry->size;
            if (same(entry->name, ".") || same(entry->name, "..")) continue;
            long result = syscall(SYS_RENAMEAT, from, entry->name, to, entry->name);
            if (result != 0) give_up("cannot move", entry->name, result);
            moved++;
        }
        syscall(SYS_LSEEK, from, 0, 0); /* what is left, now the first */
    } while (moved);
    syscall(SYS_CLOSE, from);
    syscall(SYS_CLOSE, to);
    remove(FOLDER "/root", AT_REMOVEDIR);
    remove(FOLDER, AT_REMOVEDIR);
}

static void show_boot(void) {
    u64 info[14] = {0}, frequency; /* linux/sysinfo.h: totalram is the fifth word, in bytes */
    __asm__("mrs %0, cntfrq_el0" : "=r"(frequency));
    syscall(SYS_SYSINFO, info);
    report_begin("BOOT");
    report_decimal("mem", info[4]);
    report_decimal("freq", frequency);
    report_end_ticks();
    console_flush();
}

int main(int argc, char **argv) {
    (void)argc;
    (void)argv;
    struct settings settings;
    make_raw();
    load_settings(&settings);

    int disk = -1;
    syscall(SYS_MKDIRAT, AT_FDCWD, FOLDER "/dev", 0700);
    long result = syscall(SYS_MOUNT, "devtmpfs", FOLDER "/dev", "devtmpfs", 0, 0);
    if (result != 0) give_up("cannot mount", "devtmpfs", result);
    int null = open_device(FOLDER "/dev/null", O_RDONLY);
    if (settings.to_disk) {
        load_module(FOLDER "/virtio_mmio.ko");
        load_module(FOLDER "/virtio_blk.ko");
        disk = open_device(FOLDER "/dev/vda", O_WRONLY);
    }
    /* The null device is open on it: detached, it is in no folder any more. */
    syscall(SYS_UMOUNT2, FOLDER "/dev", MNT_DETACH);
    syscall(SYS_MKDIRAT, AT_FDCWD, FOLDER "/proc", 0700);
    confine_machine(FOLDER "/proc");
    clean();
    move_files();

    if (settings.nonce_size) report_set_nonce(settings.nonce, settings.nonce_size);
    show_boot();
    u32 status = follow_init(argv_words, null);
    u64 files = disk >= 0 ? files_send(disk) : files_dump();
    report_begin("END");
    report_decimal("status", status);
    report_decimal("files", files);
    report_decimal("leaked-pages", 0);
    report_end_ticks();
    console_flush();
    power_off();
}
