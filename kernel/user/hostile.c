/*
 * hostile: tries whatever would let a program on Linux forge a run: read the nonce in init's
 * memory, reach the console or the disk that files go out on, load a module, end the machine.
 * Prints what it was allowed and exits with 1, or with 0. The kernel starts it too, as
 * /sbin/modprobe and /sbin/request-key, when it is asked to; what it is allowed then goes into
 * /helped.
 */
#include "abi/errno.h"
#include "abi/files.h"
#include "abi/processes.h"
#include "lib.h"

/* include/uapi/asm-generic/unistd.h */
enum {
    SYS_MKNODAT = 33,
    SYS_MOUNT = 40,
    SYS_UNSHARE = 97,
    SYS_KEXEC_LOAD = 104,
    SYS_INIT_MODULE = 105,
    SYS_SYSLOG = 116,
    SYS_PTRACE = 117,
    SYS_REBOOT = 142,
    SYS_REQUEST_KEY = 218,
    SYS_PERF_EVENT_OPEN = 241,
    SYS_OPEN_BY_HANDLE_AT = 265,
    SYS_PROCESS_VM_READV = 270,
    SYS_BPF = 280,
    SYS_PIDFD_OPEN = 434,
    SYS_PIDFD_GETFD = 438,
};

static int count;
static int is_helper;

static void say(const char *what) {
    count++;
    if (!is_helper) {
        print(what);
        print("\n");
        return;
    }
    long fd = syscall(SYS_OPENAT, AT_FDCWD, "/helped", O_WRONLY | O_CREAT | O_APPEND, 0666);
    syscall(SYS_WRITE, fd, what, length_of(what));
    syscall(SYS_WRITE, fd, "\n", 1);
    syscall(SYS_CLOSE, fd);
}

static void expect_none(const char *what, long result) {
    if (result >= 0) say(what);
}

/* A file system that shows devices or the memory of processes. */
static void try_mount(const char *type) {
    expect_none(type, syscall(SYS_MOUNT, type, "/mount", type, 0, 0));
}

static void try_node(const char *name, int mode, int device) {
    syscall(SYS_MKNODAT, AT_FDCWD, name, mode | 0600, device);
    expect_none(name, syscall(SYS_OPENAT, AT_FDCWD, name, O_RDWR, 0));
    syscall(SYS_UNLINKAT, AT_FDCWD, name, 0);
}

/* A file of the file system that `mount` is open on, by its number: name_to_handle_at(2). */
static long open_by_number(int mount, unsigned number) {
    struct {
        unsigned size;
        int type;
        unsigned words[3];
    } handle = {12, 1, {0, number, 0}};
    return syscall(SYS_OPEN_BY_HANDLE_AT, mount, &handle, O_RDONLY);
}

/* The one call with six arguments, which syscall() does not pass. */
static long read_process(long pid, const void *local, const void *remote) {
    register long x0 __asm__("x0") = pid;
    register const void *x1 __asm__("x1") = local;
    register long x2 __asm__("x2") = 1;
    register const void *x3 __asm__("x3") = remote;
    register long x4 __asm__("x4") = 1;
    register long x5 __asm__("x5") = 0;
    register long x8 __asm__("x8") = SYS_PROCESS_VM_READV;
    __asm__ volatile("svc #0"
                     : "+r"(x0)
                     : "r"(x1), "r"(x2), "r"(x3), "r"(x4), "r"(x5), "r"(x8)
                     : "memory");
    return x0;
}

static void try_all(void) {
    enum {
        BLOCK = 060000,
        CHARACTER = 020000,
        NEW_USER = 0x10000000,
        NEW_MOUNTS = 0x20000,
        ATTACH = 16,
        SEIZE = 0x4206
    };
    static const char *const left[] = {
        "/dev/console",       "/.harness/run",     "/.harness/dev/vda",   "/.harness/dev/console",
        "/.harness/dev/null", "/.harness/dev/mem", "/.harness/proc/1/mem"};
    char memory[64], attributes[128] = {0};
    struct {
        void *base;
        unsigned long size;
    } local = {memory, sizeof memory}, remote = {(void *)0x600000, sizeof memory};
    for (unsigned i = 0; i < sizeof left / sizeof *left; i++)
        expect_none(left[i], syscall(SYS_OPENAT, AT_FDCWD, left[i], O_RDONLY, 0));
    expect_none("process_vm_readv of init", read_process(1, &local, &remote));
    expect_none("ptrace attach to init", syscall(SYS_PTRACE, ATTACH, 1, 0, 0));
    expect_none("ptrace seize of init", syscall(SYS_PTRACE, SEIZE, 1, 0, 0));
    long pidfd = syscall(SYS_PIDFD_OPEN, 1, 0);
    if (pidfd >= 0) expect_none("a descriptor of init", syscall(SYS_PIDFD_GETFD, pidfd, 1, 0));
    syscall(SYS_CLOSE, pidfd);
    try_mount("devtmpfs");
    try_mount("proc");
    try_mount("sysfs");
    try_node("/console", CHARACTER, 5 << 8 | 1);
    try_node("/ttyAMA0", CHARACTER, 204 << 8 | 64);
    try_node("/mem", CHARACTER, 1 << 8 | 1);
    for (int major = 252; major < 256; major++)
        try_node("/vda", BLOCK, major << 8);
    for (unsigned number = 1; number < 300; number++)
        expect_none("a device by its number", open_by_number(0, number));
    expect_none("init_module", syscall(SYS_INIT_MODULE, memory, 0, "") == -EPERM ? -1 : 0);
    expect_none("kexec_load", syscall(SYS_KEXEC_LOAD, 0, 0, 0, 0));
    expect_none("syslog", syscall(SYS_SYSLOG, 3, memory, sizeof memory));
    expect_none("perf_event_open", syscall(SYS_PERF_EVENT_OPEN, attributes, 1, -1, -1, 0));
    if (syscall(SYS_UNSHARE, NEW_USER | NEW_MOUNTS) == 0) {
        say("a namespace of its own");
        try_mount("devtmpfs");
        try_mount("proc");
    }
    expect_none("reboot", syscall(SYS_REBOOT, 0xfee1dead, 0x28121969, 0x89abcdef)); /* CAD_ON */
}

int main(int argc, char **argv) {
    static char *none[] = {"junk", 0};
    static char text[256];
    is_helper = argc > 0 && argv[0][0] == '/' && argv[0][1] == 's';
    try_all();
    if (is_helper) return 0;
    syscall(SYS_REQUEST_KEY, "user", "key", "info", 0); /* the kernel runs /sbin/request-key */
    start_child("/junk", none);                         /* and /sbin/modprobe */
    long fd = syscall(SYS_OPENAT, AT_FDCWD, "/helped", O_RDONLY, 0);
    long got = fd < 0 ? 0 : syscall(SYS_READ, fd, text, sizeof text - 1);
    if (got > 0) {
        print("as a helper of the kernel:\n");
        print(text);
        count++;
    }
    print(count ? "" : "nothing was allowed\n");
    return count > 0;
}
