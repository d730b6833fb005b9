#include "gate/driver.h"
#include <string.h>

/* A suffix is not part of any valid gate name: path_is_name. */
static const struct {
    const char *name, *suffix, *hint;
} drivers[] = {
    [DRIVER_SEED] = {"seed", "", ""},
    [DRIVER_LINUX] = {"linux", "@linux", "; leave @linux out: --driver linux runs a case there"},
    [DRIVER_HEX] = {"hex", "@hex", "; leave @hex out: --driver hex runs a case there"},
    [DRIVER_MADE] = {"made", "@made",
                     "; leave @made out: --kernel out:GATE/CASE/PATH runs a case there"},
};
G_STATIC_ASSERT(G_N_ELEMENTS(drivers) == DRIVERS);

const char *driver_name(Driver driver) { return drivers[driver].name; }

char *driver_label(Driver driver, const char *gate_name) {
    return g_strconcat(gate_name, drivers[driver].suffix, NULL);
}

Driver driver_of_label(const char *label, char **ret_gate_name) {
    const char *at = strrchr(label, '@');
    Driver driver = at ? DRIVERS - 1 : DRIVER_SEED;
    while (driver > DRIVER_SEED && strcmp(at, drivers[driver].suffix) != 0)
        driver--;
    *ret_gate_name = g_strndup(label, strlen(label) - strlen(drivers[driver].suffix));
    return driver;
}

const char *driver_hint(const char *word) {
    for (Driver driver = DRIVER_SEED + 1; driver < DRIVERS; driver++) {
        g_autofree char *middle = g_strconcat(drivers[driver].suffix, "/", NULL);
        if (strstr(word, middle)) return drivers[driver].hint;
    }
    return "";
}

char *driver_output_path(const char *root, const char *label, const char *case_name,
                         const char *guest_path) {
    return g_strdup_printf("%s/%s/%s%s", root, label, case_name, guest_path);
}
