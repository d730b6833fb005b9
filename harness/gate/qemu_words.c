#include "gate/qemu_words.h"
#include "base/paths.h"
#include <string.h>

typedef enum {
    OF_HARNESS,  /* refused: the harness sets it, or needs it as it is */
    OF_GUEST,    /* properties, none of which has a name of its own */
    OF_DEVICE,   /* a device of the guest with properties */
    OF_SEMIHOST, /* the guest opens what QEMU can open */
    OF_BACKEND,  /* a backend, of which some stay in the guest */
} Reach;

static const struct {
    const char *name; /* without dashes */
    Reach reach;
    gboolean has_value;
    const char *instead; /* OF_HARNESS: the key of the gate or the option of harness, or NULL */
} options[] = {
    {"kernel", OF_HARNESS, TRUE, "the key \"kernel\""},
    {"append", OF_HARNESS, TRUE, "the key \"append\""},
    {"initrd", OF_HARNESS, TRUE, "the key \"initrd\""},
    {"dtb", OF_HARNESS, TRUE, "the key \"dtb\""},
    {"bios", OF_HARNESS, TRUE, "the key \"firmware\""},
    {"m", OF_HARNESS, TRUE, "the key \"memory\""},
    {"smp", OF_HARNESS, TRUE, "the key \"smp\""},
    {"M", OF_HARNESS, TRUE, "the key \"machine\""},
    {"machine", OF_HARNESS, TRUE, "the key \"machine\""},
    {"cpu", OF_HARNESS, TRUE, "the key \"cpu\""},
    {"accel", OF_HARNESS, TRUE, "the key \"accel\""},
    {"enable-kvm", OF_HARNESS, FALSE, "the key \"accel\""},
    {"icount", OF_HARNESS, TRUE, "harness run --icount"},
    {"gdb", OF_HARNESS, TRUE, "harness debug"},
    {"s", OF_HARNESS, FALSE, "harness debug"},
    {"S", OF_HARNESS, FALSE, NULL},
    {"serial", OF_HARNESS, TRUE, NULL},
    {"monitor", OF_HARNESS, TRUE, NULL},
    {"mon", OF_HARNESS, TRUE, NULL},
    {"qmp", OF_HARNESS, TRUE, NULL},
    {"qmp-pretty", OF_HARNESS, TRUE, NULL},
    {"display", OF_HARNESS, TRUE, NULL},
    {"nographic", OF_HARNESS, FALSE, NULL},
    {"nodefaults", OF_HARNESS, FALSE, NULL},
    {"daemonize", OF_HARNESS, FALSE, NULL},
    {"sandbox", OF_HARNESS, TRUE, NULL},
    {"action", OF_HARNESS, TRUE, NULL},
    {"no-reboot", OF_HARNESS, FALSE, NULL},
    {"no-shutdown", OF_HARNESS, FALSE, NULL},
    {"snapshot", OF_HARNESS, FALSE, NULL},
    {"loadvm", OF_HARNESS, TRUE, NULL},
    {"incoming", OF_HARNESS, TRUE, NULL},
    {"help", OF_HARNESS, FALSE, NULL},
    {"h", OF_HARNESS, FALSE, NULL},
    {"version", OF_HARNESS, FALSE, NULL},
    {"boot", OF_GUEST, TRUE, NULL},
    {"rtc", OF_GUEST, TRUE, NULL},
    {"nic", OF_BACKEND, TRUE, NULL},
    {"global", OF_GUEST, TRUE, NULL},
    {"no-hpet", OF_GUEST, FALSE, NULL},
    {"no-acpi", OF_GUEST, FALSE, NULL},
    {"uuid", OF_GUEST, TRUE, NULL},
    {"name", OF_GUEST, TRUE, NULL},
    {"numa", OF_GUEST, TRUE, NULL},
    {"device", OF_DEVICE, TRUE, NULL},
    {"object", OF_BACKEND, TRUE, NULL},
    {"chardev", OF_BACKEND, TRUE, NULL},
    {"semihosting", OF_SEMIHOST, FALSE, NULL},
    {"semihosting-config", OF_SEMIHOST, TRUE, NULL},
};

/* Devices whose name says that they are the host's, or that read its files. */
static const char *const host_devices[] = {
    "vfio",    "vhost",          "usb-host",      "ivshmem",         "loader", "usb-redir",
    "xen",     "u2f-passthru",   "pci-proxy-dev", "x-remote-object", "vdpa",   "ccid-card-emulated",
    "usb-mtp", "generic-loader", "guest-loader"};

/* Properties that name files, descriptors or backends of the host. */
static const char *const host_properties[] = {
    "file",     "path",    "filename", "romfile", "fd",       "vhostfd",
    "host",     "hostbus", "hostaddr", "rootdir", "mem-path", "socket",
    "sysfsdev", "splash",  "chardev",  "netdev",  "drive",    "logfile"};

/* The property that names a disk of the gate (guest/drive.c); only words that reach the host define
 * others. */
#define OWN_DRIVE "drive=disk-"

/* Backends that have nothing of the host but time, memory and random bytes. */
static const char *const guest_backends[] = {
    "memory-backend-ram", "rng-builtin", "iothread", "throttle-group", "none", "testdev", "null"};

static gboolean is_one_of(const char *word, const char *const *list, gsize count) {
    for (gsize i = 0; i < count; i++)
        if (strcmp(word, list[i]) == 0) return TRUE;
    return FALSE;
}

/* The row of an option, which QEMU takes with one dash or two; or -1. */
static gssize find_option(const char *word) {
    if (*word != '-') return -1;
    const char *name = word + 1 + (word[1] == '-');
    for (gsize i = 0; i < G_N_ELEMENTS(options); i++)
        if (strcmp(name, options[i].name) == 0) return (gssize)i;
    return -1;
}

static gboolean is_host_device(const char *name) {
    for (gsize i = 0; i < G_N_ELEMENTS(host_devices); i++)
        if (g_str_has_prefix(name, host_devices[i])) return TRUE;
    return FALSE;
}

/* "PROPERTY=VALUE", or "DRIVER.PROPERTY=VALUE" of -global. */
static gboolean property_reaches_host(const char *text) {
    g_auto(GStrv) pair = g_strsplit(text, "=", 2);
    if (!pair[0]) return TRUE; /* ",," stands for a comma in a value */
    const char *dot = strrchr(pair[0], '.'), *name = dot ? dot + 1 : pair[0];
    g_strdelimit(pair[0], "_", '-');
    return is_one_of(name, host_properties, G_N_ELEMENTS(host_properties)) ||
           (pair[1] && strchr(pair[1], '/'));
}

/* Whether `property` names a character device that the words themselves define, of whose backends
 * each is judged where it stands. QEMU refuses a name that it has already. */
static gboolean is_own_chardev(const char *const *words, const char *property) {
    if (!g_str_has_prefix(property, "chardev=")) return FALSE;
    const char *id = property + strlen("chardev=");
    for (const char *const *word = words; word[0] && word[1]; word++) {
        gssize option = find_option(*word);
        if (option < 0 || strcmp(options[option].name, "chardev") != 0) continue;
        g_auto(GStrv) parts = g_strsplit(word[1], ",", -1);
        for (char **part = parts; *part; part++)
            if (g_str_has_prefix(*part, "id=") && strcmp(*part + 3, id) == 0) return TRUE;
    }
    return FALSE;
}

/* "NAME,PROPERTY=VALUE..."; JSON, which QEMU takes too, is not looked into. `words` are all. */
static gboolean reaches_host(Reach reach, const char *value, const char *const *words) {
    g_auto(GStrv) parts = g_strsplit(value, ",", -1);
    if (reach == OF_GUEST || reach == OF_SEMIHOST) {
        for (char **part = parts; *part; part++)
            if (property_reaches_host(*part)) return TRUE;
        return FALSE;
    }
    if (!parts[0] || !path_is_name(parts[0])) return TRUE;
    if (reach == OF_BACKEND && !is_one_of(parts[0], guest_backends, G_N_ELEMENTS(guest_backends)))
        return TRUE;
    if (reach == OF_DEVICE && is_host_device(parts[0])) return TRUE;
    for (char **part = parts + 1; *part; part++)
        if (property_reaches_host(*part) && !is_own_chardev(words, *part) &&
            !g_str_has_prefix(*part, OWN_DRIVE))
            return TRUE;
    return FALSE;
}

gsize qemu_words_first(const char *const *words, char **ret_why) {
    gssize option = find_option(*words);
    gboolean is_ours = option >= 0 && options[option].reach == OF_HARNESS;
    gsize count = option >= 0 && options[option].has_value && words[1] ? 2 : 1;
    *ret_why = NULL;
    if (**words != '-')
        *ret_why = g_strdup_printf("has the word \"%s\" where an option must begin", *words);
    else if (is_ours)
        *ret_why = g_strdup_printf("has the option %s, which the harness sets itself%s%s", *words,
                                   options[option].instead ? "; use " : "",
                                   options[option].instead ? options[option].instead : "");
    else if (option >= 0 && options[option].has_value && count == 1)
        *ret_why = g_strdup_printf("ends with the option %s, which needs a value", *words);
    /* Of an unknown option, the words up to the next one are its value. */
    while (option < 0 && words[count] && *words[count] != '-')
        count++;
    return count;
}

char *qemu_words_refuse(const char *const *words) {
    char *why = NULL;
    while (*words && !why)
        words += qemu_words_first(words, &why);
    return why;
}

char *qemu_words_host(const char *const *words) {
    for (const char *const *word = words; *word; word++) {
        gssize option = find_option(*word);
        if (option < 0)
            return g_strdup_printf(**word == '-' ? "the option %s may reach the host"
                                                 : "the word \"%s\" may reach the host",
                                   *word);
        if (!options[option].has_value) continue;
        if (!word[1]) return NULL; /* qemu_words_refuse says so */
        if (reaches_host(options[option].reach, *++word, words))
            return g_strdup_printf("%s %s can reach files or sockets of the host", word[-1], *word);
    }
    return NULL;
}

gboolean qemu_words_are_semihosted(const char *const *words) {
    for (const char *const *word = words; word && *word; word++) {
        gssize option = find_option(*word);
        if (option >= 0 && options[option].reach == OF_SEMIHOST) return TRUE;
    }
    return FALSE;
}
