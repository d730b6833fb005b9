#include "gate/driver.h"
#include <string.h>

/* Not part of any valid gate name: path_is_name. */
#define LINUX_SUFFIX "@linux"

const char *driver_name(Driver driver) { return driver == DRIVER_LINUX ? "linux" : "seed"; }

char *driver_label(Driver driver, const char *gate_name) {
    return g_strconcat(gate_name, driver == DRIVER_LINUX ? LINUX_SUFFIX : "", NULL);
}

Driver driver_of_label(const char *label, char **ret_gate_name) {
    gboolean is_linux = g_str_has_suffix(label, LINUX_SUFFIX);
    gsize length = strlen(label) - (is_linux ? strlen(LINUX_SUFFIX) : 0);
    *ret_gate_name = g_strndup(label, length);
    return is_linux ? DRIVER_LINUX : DRIVER_SEED;
}

const char *driver_hint(const char *word) {
    return strstr(word, LINUX_SUFFIX "/") ? "; leave @linux out: --driver linux runs a case there"
                                          : "";
}

char *driver_output_path(const char *root, const char *label, const char *case_name,
                         const char *guest_path) {
    return g_strdup_printf("%s/%s/%s%s", root, label, case_name, guest_path);
}
