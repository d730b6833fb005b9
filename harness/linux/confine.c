#include "confine.h"
#include "port.h"

/* Linux, Documentation/admin-guide/sysctl/kernel.rst and user.rst. */
static const struct {
    const char *name, *value;
} settings[] = {
    {"kernel/modprobe", "\n"}, /* no program at all */
    {"kernel/usermodehelper/bset", "0 0\n"},
    {"kernel/usermodehelper/inheritable", "0 0\n"},
    {"kernel/dmesg_restrict", "1\n"},
    {"user/max_user_namespaces", "0\n"}, /* in which a program would be root with every right */
};

static void set(const char *folder, const char *name, const char *value) {
    char path[128] = {0};
    u64 size = length_of(folder), more = length_of(name);
    memcpy(path, folder, size);
    memcpy(path + size, "/sys/", 5);
    memcpy(path + size + 5, name, more);
    int fd = (int)syscall(SYS_OPENAT, AT_FDCWD, path, O_WRONLY | O_CLOEXEC, 0);
    long result = fd < 0 ? fd : syscall(SYS_WRITE, fd, value, length_of(value));
    if (result < 0) give_up("cannot set", path, result);
    syscall(SYS_CLOSE, fd);
}

void confine_machine(const char *folder) {
    enum { PR_SET_DUMPABLE = 4 };
    long result = syscall(SYS_MOUNT, "proc", folder, "proc", 0, 0);
    if (result != 0) give_up("cannot mount", "proc", result);
    for (u32 i = 0; i < sizeof settings / sizeof *settings; i++)
        set(folder, settings[i].name, settings[i].value);
    result = syscall(SYS_UMOUNT2, folder, 0);
    if (result != 0) give_up("cannot unmount", "proc", result);
    syscall(SYS_PRCTL, PR_SET_DUMPABLE, 0, 0, 0, 0);
}

void confine_self(void) {
    /* capability.h: CAP_CHOWN, CAP_DAC_OVERRIDE, CAP_FOWNER, CAP_FSETID */
    enum { KEPT = 1 << 0 | 1 << 1 | 1 << 3 | 1 << 4, CAPABILITIES = 64 };
    enum { PR_CAPBSET_DROP = 24, PR_SET_NO_NEW_PRIVS = 38, VERSION_3 = 0x20080522 };
    u32 header[2] = {VERSION_3, 0}, sets[6] = {KEPT, KEPT, 0, 0, 0, 0};
    for (u32 n = 0; n < CAPABILITIES; n++)
        if (n >= 32 || !((u32)KEPT >> n & 1)) syscall(SYS_PRCTL, PR_CAPBSET_DROP, n, 0, 0, 0);
    if (syscall(SYS_PRCTL, PR_SET_NO_NEW_PRIVS, 1, 0, 0, 0) != 0 ||
        syscall(SYS_CAPSET, header, sets) != 0)
        give_up("cannot take rights from", "/init", 0);
}
