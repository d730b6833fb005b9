#include "base/module.h"
#include "base/usage.h"
#include <gmodule.h>

char *module_find(const char *file, const char *what, GError **error) {
    g_autofree char *program = g_file_read_link("/proc/self/exe", NULL);
    g_autofree char *folder = g_path_get_dirname(program ? program : ".");
    g_autofree char *prefix = g_path_get_dirname(folder);
    g_autofree char *beside = g_build_filename(folder, file, NULL);
    g_autofree char *installed = g_build_filename(prefix, "lib/harness", file, NULL);
    if (g_file_test(beside, G_FILE_TEST_EXISTS)) return g_steal_pointer(&beside);
    if (g_file_test(installed, G_FILE_TEST_EXISTS)) return g_steal_pointer(&installed);
    usage_error(error, "%s needs %s or %s; \"make build\" makes it", what, beside, installed);
    return NULL;
}

gconstpointer module_load(const char *file, const char *symbol, const char *what, GError **error) {
    g_autofree char *path = module_find(file, what, error);
    if (!path) return NULL;
    GModule *module = g_module_open(path, G_MODULE_BIND_LAZY | G_MODULE_BIND_LOCAL);
    gpointer found = NULL;
    if (module && g_module_symbol(module, symbol, &found) && found) {
        g_module_make_resident(module);
        return found;
    }
    usage_error(error, "%s cannot load %s: %s", what, path, g_module_error());
    return NULL;
}
