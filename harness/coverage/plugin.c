#include "coverage/plugin.h"
#include "base/module.h"
#include "base/usage.h"
#include "coverage/counters_format.h"
#include <gio/gio.h>
#include <string.h>

#define PLUGIN_NAME "libcoverage.so"

char *plugin_find(GError **error) { return module_find(PLUGIN_NAME, "--coverage", error); }

/* QEMU reads two commas in a path as one. */
static char *probe_option(const char *plugin) {
    g_auto(GStrv) parts = g_strsplit(plugin, ",", -1);
    g_autofree char *escaped = g_strjoinv(",,", parts);
    return g_strconcat(escaped, "," COUNTERS_PROBE, NULL);
}

gboolean plugin_check(const char *plugin, const char *qemu, GError **error) {
    g_autofree char *option = probe_option(plugin);
    g_autofree char *out = NULL, *said = NULL;
    const char *const argv[] = {qemu,   "-M", "none",    "-nodefaults", "-display",
                                "none", "-S", "-plugin", option,        NULL};
    g_autoptr(GError) failed = NULL;
    g_autoptr(GSubprocess) process = g_subprocess_newv(
        argv, G_SUBPROCESS_FLAGS_STDOUT_PIPE | G_SUBPROCESS_FLAGS_STDERR_PIPE, &failed);
    if (process) g_subprocess_communicate_utf8(process, NULL, NULL, &out, &said, &failed);
    if (out && strcmp(out, COUNTERS_READY) == 0) return TRUE;
    if (said) g_strdelimit(g_strchomp(said), "\n", ' ');
    return usage_error(error,
                       "--coverage needs a QEMU that takes plugins (configured with "
                       "--enable-plugins), and %s does not: %s",
                       qemu,
                       failed          ? failed->message
                       : said && *said ? said
                                       : "it says nothing");
}
