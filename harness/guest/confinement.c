#define _GNU_SOURCE /* O_PATH */
#include "guest/confinement.h"
#include "base/error.h"
#include "base/fdio.h"
#include <errno.h>
#include <fcntl.h>
#include <linux/landlock.h>
#include <string.h>
#include <sys/prctl.h>
#include <sys/stat.h>
#include <sys/syscall.h>
#include <unistd.h>

/* linux/landlock.h of Debian 12 ends at ABI 2. */
#define ACCESS_TRUNCATE  (1ULL << 14)
#define ACCESS_IOCTL_DEV (1ULL << 15)

/* struct landlock_ruleset_attr as of ABI 6; an older kernel accepts it if the members that it does
 * not know are zero. */
typedef struct {
    guint64 files, network, scopes;
} Handled;

/* The rights of each ABI, which are denied unless a rule allows them. Signals stay allowed (ABI 6),
 * since a program in place of QEMU may have to end its children. */
static const struct {
    int abi;
    Handled handled;
} brought[] = {
    {1, {LANDLOCK_ACCESS_FS_MAKE_SYM * 2 - 1, 0, 0}}, /* all up to that */
    {2, {LANDLOCK_ACCESS_FS_REFER, 0, 0}},
    {3, {ACCESS_TRUNCATE, 0, 0}},
    {4, {0, 1 << 0 | 1 << 1, 0}}, /* to bind, to connect TCP sockets */
    {5, {ACCESS_IOCTL_DEV, 0, 0}},
    {6, {0, 0, 1 << 0}}, /* abstract unix sockets of others */
};

#define READ_RIGHTS \
    (LANDLOCK_ACCESS_FS_EXECUTE | LANDLOCK_ACCESS_FS_READ_FILE | LANDLOCK_ACCESS_FS_READ_DIR)
#define WRITE_RIGHTS \
    (LANDLOCK_ACCESS_FS_READ_FILE | LANDLOCK_ACCESS_FS_WRITE_FILE | ACCESS_TRUNCATE)
#define TREE_RIGHTS                                                             \
    (WRITE_RIGHTS | LANDLOCK_ACCESS_FS_READ_DIR | LANDLOCK_ACCESS_FS_MAKE_REG | \
     LANDLOCK_ACCESS_FS_MAKE_DIR | LANDLOCK_ACCESS_FS_REMOVE_FILE |             \
     LANDLOCK_ACCESS_FS_REMOVE_DIR | LANDLOCK_ACCESS_FS_REFER)
#define SOCKET_RIGHTS (LANDLOCK_ACCESS_FS_MAKE_SOCK | LANDLOCK_ACCESS_FS_REMOVE_FILE)
#define DEVICE_RIGHTS (WRITE_RIGHTS | ACCESS_IOCTL_DEV)
#define ALL_RIGHTS    (~0ULL)
/* The rights that a rule for a file, rather than a folder, may have. */
#define FILE_RIGHTS (LANDLOCK_ACCESS_FS_EXECUTE | DEVICE_RIGHTS)

/*
 * Programs, libraries and firmware; the files that QEMU and its libraries open (strace on Debian 12
 * and 13); the settings of the loader and libraries. Nothing else in /etc, which has secrets, as
 * have the folders of other processes below /proc.
 */
static const char *const readable[] = {
    "/usr",
    "/bin",
    "/sbin",
    "/lib",
    "/lib32",
    "/lib64",
    "/libx32",
    "/opt",
    "/snap",
    "/nix/store",
    "/gnu/store",
    "/run/current-system",
    "/etc/ld.so.cache",
    "/etc/ld.so.conf",
    "/etc/ld.so.conf.d",
    "/etc/ld.so.preload",
    "/etc/localtime",
    "/etc/alternatives",
    "/etc/ssl/openssl.cnf",
    "/etc/gnutls",
    "/etc/crypto-policies",
    "/etc/perl",
    "/etc/python3",
    "/proc/cpuinfo",
    "/proc/filesystems",
    "/proc/meminfo",
    "/proc/stat",
    "/proc/sys",
    "/proc/version",
    "/sys/bus",
    "/sys/devices/system",
    "/sys/kernel/mm",
    "/sys/module",
};
static const char *const devices[] = {"/dev/null",   "/dev/zero",    "/dev/full",
                                      "/dev/random", "/dev/urandom", "/dev/kvm"};

/* The files of a QEMU, relative to its folder: installed, or in its build folder. */
static const char *const beside[] = {
    "../share/qemu", "../share/qemu-firmware", "../lib", "../lib64", "../libexec", "../pc-bios"};

/* The nesting of script interpreters: Linux's own limit (fs/exec.c, exec_binprm). */
#define INTERPRETERS_MAX 5
/* Bytes that Linux reads of a script's first line (BINPRM_BUF_SIZE). */
#define SHEBANG_BYTES 256
/* Above those that a child is given: it must still be there when they have their places. */
#define RULES_FD_MIN 32

/* ---- Availability ---- */

/* The ABI, from 1 on; or -errno. */
static int landlock_abi(void) {
    static int abi;
    if (abi == 0) {
        long answer =
            syscall(SYS_landlock_create_ruleset, NULL, 0, LANDLOCK_CREATE_RULESET_VERSION);
        abi = answer > 0 ? (int)answer : -errno;
    }
    return abi;
}

gboolean confinement_exists(void) { return landlock_abi() > 0; }

const char *confinement_describe(void) {
    static char *text;
    int abi = landlock_abi();
    if (text) return text;
    text = abi > 0              ? g_strdup_printf("Landlock, ABI %d", abi)
           : abi == -ENOSYS     ? g_strdup("none: this kernel has no Landlock")
           : abi == -EOPNOTSUPP ? g_strdup("none: Landlock is disabled on this system")
                                : g_strdup_printf("none: Landlock: %s", g_strerror(-abi));
    return text;
}

/* ---- Rules ---- */

typedef struct {
    int fd;
    guint64 known; /* rights that this system's Landlock knows */
    int failed;    /* errno of the first rejected rule, or 0 */
} Rules;

static void allow(Rules *rules, const char *path, guint64 rights) {
    int fd = open(path, O_PATH | O_CLOEXEC);
    struct stat status;
    if (fd < 0) return;
    if (fstat(fd, &status) == 0) {
        struct landlock_path_beneath_attr rule = {
            .allowed_access =
                rights & rules->known & (S_ISDIR(status.st_mode) ? ~0ULL : FILE_RIGHTS),
            .parent_fd = fd};
        if (syscall(SYS_landlock_add_rule, rules->fd, LANDLOCK_RULE_PATH_BENEATH, &rule, 0) != 0 &&
            rules->failed == 0)
            rules->failed = errno;
    }
    close(fd);
}

/* Adds each path of a list with colons, as in PATH. */
static void allow_list(Rules *rules, const char *list, guint64 rights) {
    g_auto(GStrv) paths = list ? g_strsplit_set(list, ":;", -1) : NULL;
    for (char **path = paths; path && *path; path++)
        if (**path) allow(rules, *path, rights);
}

/* The home folder, and those above it, hold more than a program. */
static gboolean holds_home(const char *folder) {
    const char *home = g_get_home_dir();
    gsize length = strlen(folder);
    return strcmp(folder, "/") == 0 ||
           (strncmp(home, folder, length) == 0 && (home[length] == '/' || home[length] == '\0'));
}

/* The interpreter that a script's first line names, for "env NAME" NAME; or NULL. */
static char *find_interpreter(const char *path) {
    char line[SHEBANG_BYTES + 1] = "";
    int fd = open(path, O_RDONLY | O_CLOEXEC | O_NONBLOCK);
    ssize_t got = fd < 0 ? -1 : read(fd, line, SHEBANG_BYTES);
    fdio_clear(&fd);
    if (got < 2 || line[0] != '#' || line[1] != '!') return NULL;
    line[strcspn(line, "\n")] = '\0';
    g_auto(GStrv) words = g_strsplit_set(g_strstrip(line + 2), " \t", -1);
    if (!words[0]) return NULL;
    g_autofree char *name = g_path_get_basename(words[0]);
    return g_strdup(strcmp(name, "env") == 0 && words[1] ? words[1] : words[0]);
}

static void allow_place(Rules *rules, const char *path) {
    g_autofree char *folder = g_path_get_dirname(path);
    allow(rules, path, READ_RIGHTS);
    if (holds_home(folder)) return;
    allow(rules, folder, READ_RIGHTS);
    for (guint i = 0; i < G_N_ELEMENTS(beside); i++) {
        g_autofree char *other = g_build_filename(folder, beside[i], NULL);
        allow(rules, other, READ_RIGHTS);
    }
}

/* Adds a program by its path and, if that is a link, by its target. */
static void allow_program(Rules *rules, const char *program, guint depth) {
    g_autofree char *found = g_find_program_in_path(program);
    g_autofree char *path = g_canonicalize_filename(found ? found : program, NULL);
    g_autofree char *real = realpath(path, NULL);
    allow_place(rules, path);
    if (real && strcmp(real, path) != 0) allow_place(rules, real);
    g_autofree char *interpreter = depth < INTERPRETERS_MAX ? find_interpreter(path) : NULL;
    if (interpreter) allow_program(rules, interpreter, depth + 1);
}

static void allow_system(Rules *rules) {
    for (guint i = 0; i < G_N_ELEMENTS(readable); i++)
        allow(rules, readable[i], READ_RIGHTS);
    for (guint i = 0; i < G_N_ELEMENTS(devices); i++)
        allow(rules, devices[i], DEVICE_RIGHTS);
    allow_list(rules, g_getenv("LD_LIBRARY_PATH"), READ_RIGHTS);
    allow_list(rules, g_getenv(CONFINEMENT_VARIABLE), ALL_RIGHTS);
}

static guint64 rights_of(ConfinementUse use) {
    switch (use) {
    case CONFINEMENT_READ: return READ_RIGHTS;
    case CONFINEMENT_WRITE: return WRITE_RIGHTS;
    case CONFINEMENT_TREE: return TREE_RIGHTS;
    case CONFINEMENT_SOCKETS: return SOCKET_RIGHTS;
    }
    return 0;
}

static int refuse(Rules *rules, int errno_value, GError **error) {
    g_set_error(error, HARNESS_ERROR, HARNESS_ERROR_QEMU, "QEMU cannot be confined: %s",
                g_strerror(errno_value));
    fdio_clear(&rules->fd);
    return -1;
}

/* An empty set of rules, which allows nothing. */
static int new_ruleset(guint64 *ret_known) {
    Handled handled = {0};
    for (guint i = 0; i < G_N_ELEMENTS(brought) && brought[i].abi <= landlock_abi(); i++) {
        handled.files |= brought[i].handled.files;
        handled.network |= brought[i].handled.network;
        handled.scopes |= brought[i].handled.scopes;
    }
    *ret_known = handled.files;
    int low = (int)syscall(SYS_landlock_create_ruleset, &handled, sizeof handled, 0);
    int fd = low < 0 ? -1 : fcntl(low, F_DUPFD_CLOEXEC, RULES_FD_MIN);
    int saved = errno;
    fdio_clear(&low);
    errno = saved;
    return fd;
}

int confinement_new(const char *program, const ConfinementPath *paths, gsize n, GError **error) {
    if (!confinement_exists()) return -1;
    Rules rules = {0};
    rules.fd = new_ruleset(&rules.known);
    if (rules.fd < 0) return refuse(&rules, errno, error);
    allow_system(&rules);
    allow_program(&rules, program, 0);
    for (gsize i = 0; i < n; i++)
        if (paths[i].path) allow(&rules, paths[i].path, rights_of(paths[i].use));
    return rules.failed ? refuse(&rules, rules.failed, error) : rules.fd;
}

/* Its own folder below /proc has no name before it is there. A process that it starts in turn,
 * rather than becomes, has none to read; what it opens by /proc/self/fd needs no rule. */
static void allow_self(int rules) {
    struct landlock_path_beneath_attr rule = {.allowed_access = READ_RIGHTS,
                                              .parent_fd = open("/proc/self", O_PATH | O_CLOEXEC)};
    syscall(SYS_landlock_add_rule, rules, LANDLOCK_RULE_PATH_BENEATH, &rule, 0);
    close(rule.parent_fd);
}

gboolean confinement_enter(int rules) {
    allow_self(rules);
    return prctl(PR_SET_NO_NEW_PRIVS, 1, 0, 0, 0) == 0 &&
           syscall(SYS_landlock_restrict_self, rules, 0) == 0;
}

const char *confinement_hint(const char *said) {
    return confinement_exists() && strstr(said, "Permission denied")
               ? " (QEMU may only open its own files; " CONFINEMENT_VARIABLE
                 "=PATH:... allows more)"
               : "";
}
