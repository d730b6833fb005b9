#include "guest/symbols.h"
#include "base/fdio.h"
#include <gio/gio.h>
#include <string.h>

/* The number of the image's descriptor in the child. */
#define CHILD_ELF_FD "/proc/self/fd/3"

/* The native tool reads foreign ELF files if binutils is built for many targets. */
static const char *const tools[] = {"aarch64-linux-gnu-addr2line", "addr2line"};

static char *run_tool(const char *tool, int elf_fd, const char *addresses) {
    g_autoptr(GSubprocessLauncher) launcher =
        g_subprocess_launcher_new(G_SUBPROCESS_FLAGS_STDIN_PIPE | G_SUBPROCESS_FLAGS_STDOUT_PIPE |
                                  G_SUBPROCESS_FLAGS_STDERR_SILENCE);
    g_subprocess_launcher_take_fd(launcher, elf_fd, 3);
    g_autoptr(GSubprocess) process = g_subprocess_launcher_spawn(launcher, NULL, tool, "-f", "-p",
                                                                 "-s", "-e", CHILD_ELF_FD, NULL);
    char *out = NULL;
    if (!process || !g_subprocess_communicate_utf8(process, addresses, NULL, &out, NULL, NULL) ||
        !g_subprocess_get_successful(process))
        g_clear_pointer(&out, g_free);
    return out;
}

static int make_file(GBytes *elf) {
    gsize size;
    const void *data = g_bytes_get_data(elf, &size);
    int fd = fdio_memfd("elf", NULL);
    if (fd >= 0 && !fdio_write(fd, data, size, NULL)) fdio_clear(&fd);
    return fd;
}

GStrv symbols_parse(char *out, guint count) {
    GStrv lines = g_strsplit(g_strchomp(out), "\n", -1);
    if (g_strv_length(lines) != count) g_clear_pointer(&lines, g_strfreev);
    for (char **line = lines; line && *line; line++) {
        /* Which of a line's blocks it is says nothing to a reader. */
        char *discriminator = strstr(*line, " (discriminator ");
        if (discriminator) *discriminator = '\0';
        if (g_str_has_prefix(*line, "??")) strcpy(*line, "??");
    }
    return lines;
}

GStrv symbols_resolve(GBytes *elf, const guint64 *addresses, guint count,
                      gboolean return_addresses) {
    g_autoptr(GString) input = g_string_new(NULL);
    for (guint i = 0; i < count; i++)
        g_string_append_printf(input, "0x%" G_GINT64_MODIFIER "x\n",
                               addresses[i] - (return_addresses ? 4 : 0));
    g_autofree char *out = NULL;
    for (guint i = 0; !out && i < G_N_ELEMENTS(tools); i++) {
        int fd = make_file(elf);
        if (fd < 0) return NULL;
        out = run_tool(tools[i], fd, input->str);
    }
    if (!out) return NULL;
    return symbols_parse(out, count);
}
