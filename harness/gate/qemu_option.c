#include "gate/qemu_option.h"
#include "base/paths.h"
#include <string.h>

/* Options whose switch or number would be the name of a file, of an object that has one, or of
 * another kind of machine: qemu-system-aarch64 -M virt,help and the like for other architectures.
 */
static const char *const of_the_host[] = {
    "accel",   "append",        "audiodev",       "confidential-guest-support",
    "dtb",     "dumpdtb",       "firmware",       "initrd",
    "kernel",  "kernel-append", "memory-backend", "pflash0",
    "pflash1", "type",
};

/* Options with a word as value. */
static const char *const with_word[] = {"aia", "gic-version", "iommu", "kernel-irqchip", "vendor"};

static gboolean is_one_of(const char *key, const char *const *keys, gsize count) {
    for (gsize i = 0; i < count; i++)
        if (strcmp(key, keys[i]) == 0) return TRUE;
    return FALSE;
}

static gboolean is_switch(const char *value) {
    static const char *const switches[] = {"on", "off", "auto", "yes", "no", "true", "false"};
    return is_one_of(value, switches, G_N_ELEMENTS(switches)) ||
           (*value && !value[strspn(value, "0123456789")]);
}

static char *check_option(const char *option) {
    g_auto(GStrv) parts = g_strsplit(option, "=", 2);
    char *key = parts[0];
    if (!key) return g_strdup("has an empty option");
    g_strdelimit(key, "_", '-'); /* as QEMU does */
    const char *value = parts[1] ? parts[1] : "on";
    /* "+FEATURE" and "-FEATURE" of a processor. */
    if (!parts[1] && (*key == '+' || *key == '-')) key++;
    if (!path_is_name(key) || is_one_of(key, of_the_host, G_N_ELEMENTS(of_the_host)))
        return g_strdup_printf(
            "has the option \"%s\", which can reach files of the host or choose another machine",
            key);
    if (is_switch(value) ||
        (is_one_of(key, with_word, G_N_ELEMENTS(with_word)) && path_is_name(value)))
        return NULL;
    return g_strdup_printf("has for \"%s\" neither a switch nor a number", key);
}

char *qemu_option_check(const char *value) {
    g_auto(GStrv) options = g_strsplit(value, ",", -1);
    if (!options[0] || !path_is_name(options[0]))
        return g_strdup("must begin with a name, as in virt,gic-version=3");
    for (char **option = options + 1; *option; option++) {
        char *why = check_option(*option);
        if (why) return why;
    }
    return NULL;
}

char *qemu_option_escape(const char *text) {
    g_auto(GStrv) parts = g_strsplit(text, ",", -1);
    return g_strjoinv(",,", parts);
}
