#include "guest/image_tool.h"
#include "base/error.h"
#include "base/fdio.h"
#include "guest/confinement.h"
#include "guest/stage.h"
#include <errno.h>
#include <fcntl.h>
#include <gio/gio.h>
#include <signal.h>
#include <string.h>
#include <sys/resource.h>
#include <sys/stat.h>
#include <unistd.h>

/* The tools of a system lie where a user who is not root may not look. */
#define SYSTEM_PATH ":/usr/sbin:/sbin"

/* The limits of a tool that reads what a guest wrote. */
#define HOSTILE_SECONDS 60
#define HOSTILE_BYTES   ((rlim_t)1 << 30)

typedef struct {
    int rules; /* of the confinement; -1: none */
    gboolean is_hostile;
    rlim_t bytes; /* that it may write */
} Child;

/* Runs in the child between fork and exec: only async-signal-safe calls. */
static void child_setup(gpointer data) {
    const Child *child = data;
    const struct rlimit bytes = {child->bytes, child->bytes};
    setpgid(0, 0);
    if (!child->is_hostile) return;
    alarm(HOSTILE_SECONDS);
    if (setrlimit(RLIMIT_FSIZE, &bytes) != 0 ||
        (child->rules >= 0 && !confinement_enter(child->rules)))
        _exit(127);
}

/* A file is at most as large as its disk, unless it has holes. */
static rlim_t largest_file(int image_fd) {
    struct stat status;
    return fstat(image_fd, &status) == 0 ? MAX((rlim_t)status.st_size, HOSTILE_BYTES)
                                         : HOSTILE_BYTES;
}

char *image_tool_path(const char *tool) {
    g_autofree char *path =
        g_strconcat(g_getenv("PATH") ? g_getenv("PATH") : "", SYSTEM_PATH, NULL);
    g_auto(GStrv) folders = g_strsplit(path, ":", -1);
    for (char **folder = folders; *folder; folder++) {
        g_autofree char *found = g_build_filename(*folder, tool, NULL);
        if (**folder && access(found, X_OK) == 0) return g_steal_pointer(&found);
    }
    return NULL;
}

/* Of an image that a guest wrote, a tool gets as little of the host as QEMU. */
static GSubprocess *start(const ImageTool *tool, const char *name, GError **error) {
    g_autofree char *program = image_tool_path(tool->argv[0]);
    if (!program) {
        g_set_error(error, HARNESS_ERROR, HARNESS_ERROR_IO,
                    "the disk \"%s\" needs %s, which this machine does not have; Debian's packages "
                    "e2fsprogs, mtools, squashfs-tools and fdisk have the tools for images",
                    name, tool->argv[0]);
        return NULL;
    }
    g_autoptr(GSubprocessLauncher) launcher = g_subprocess_launcher_new(
        G_SUBPROCESS_FLAGS_STDIN_PIPE | G_SUBPROCESS_FLAGS_STDERR_PIPE |
        (tool->output_fd < 0 ? G_SUBPROCESS_FLAGS_STDOUT_PIPE : G_SUBPROCESS_FLAGS_NONE));
    static const char *const settings[][2] = {{"E2FSPROGS_FAKE_TIME", G_STRINGIFY(STAGE_TIME)},
                                              {"SOURCE_DATE_EPOCH", G_STRINGIFY(STAGE_TIME)},
                                              {"TZ", "UTC"},
                                              {"LC_ALL", "C.UTF-8"},
                                              {"MTOOLSRC", "/dev/null"},
                                              {"MKE2FS_CONFIG", "/dev/null"},
                                              {"DEBUGFS_PAGER", "cat"}};
    for (guint i = 0; i < G_N_ELEMENTS(settings); i++)
        g_subprocess_launcher_setenv(launcher, settings[i][0], settings[i][1], TRUE);
    g_subprocess_launcher_take_fd(launcher, fcntl(tool->image_fd, F_DUPFD_CLOEXEC, 0), 3);
    if (tool->output_fd >= 0)
        g_subprocess_launcher_take_stdout_fd(launcher, fcntl(tool->output_fd, F_DUPFD_CLOEXEC, 0));
    Child child = {-1, tool->is_hostile, largest_file(tool->image_fd)};
    if (tool->is_hostile) child.rules = confinement_new(program, NULL, 0, error);
    if (tool->is_hostile && child.rules < 0 && confinement_exists()) return NULL;
    g_subprocess_launcher_set_child_setup(launcher, child_setup, &child, NULL);
    g_autoptr(GPtrArray) argv = g_ptr_array_new();
    g_ptr_array_add(argv, program);
    for (const char *const *word = tool->argv + 1; *word; word++)
        g_ptr_array_add(argv, (gpointer)*word);
    g_ptr_array_add(argv, NULL);
    GSubprocess *process =
        g_subprocess_launcher_spawnv(launcher, (const char *const *)argv->pdata, error);
    fdio_clear(&child.rules);
    return process;
}

int image_tool_run(const ImageTool *tool, const char *name, char **ret_said, GError **error) {
    g_autoptr(GSubprocess) process = start(tool, name, error);
    g_autoptr(GBytes) input = g_bytes_new(tool->input, tool->input ? strlen(tool->input) : 0);
    g_autoptr(GBytes) out = NULL, said = NULL;
    *ret_said = NULL;
    if (!process || !g_subprocess_communicate(process, input, NULL, &out, &said, error)) return -1;
    GString *all = g_string_new_len(g_bytes_get_data(said, NULL), (gssize)g_bytes_get_size(said));
    if (out) g_string_append_len(all, g_bytes_get_data(out, NULL), (gssize)g_bytes_get_size(out));
    *ret_said = g_string_free(all, FALSE);
    if (g_subprocess_get_if_exited(process)) return g_subprocess_get_exit_status(process);
    int signal = g_subprocess_get_term_sig(process);
    g_set_error(error, HARNESS_ERROR, HARNESS_ERROR_IO,
                "the disk \"%s\": %s was ended by signal %d (%s)", name, tool->argv[0], signal,
                signal == SIGALRM   ? "it took too long"
                : signal == SIGXFSZ ? "the file has too many bytes"
                                    : strsignal(signal));
    return -1;
}
