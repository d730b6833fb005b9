#include "guest/fetch.h"
#include "base/error.h"
#include "base/fdio.h"
#include "guest/boot.h"
#include <errno.h>
#include <fcntl.h>
#include <gio/gio.h>
#include <stdio.h>
#include <sys/file.h>

static gboolean is_there(const char *root) {
    for (const char *const *name = boot_linux_files; *name; name++) {
        g_autofree char *path = g_build_filename(root, BOOT_LINUX_FOLDER, *name, NULL);
        if (!g_file_test(path, G_FILE_TEST_EXISTS)) return FALSE;
    }
    return TRUE;
}

static gboolean make_linux(const char *root, GError **error) {
    g_autoptr(GSubprocessLauncher) launcher = g_subprocess_launcher_new(G_SUBPROCESS_FLAGS_NONE);
    /* Sends output to standard error: standard output may be a report. */
    g_subprocess_launcher_take_stdout_fd(launcher, fcntl(STDERR_FILENO, F_DUPFD_CLOEXEC, 0));
    g_autoptr(GSubprocess) make = g_subprocess_launcher_spawn(
        launcher, error, "make", "--no-print-directory", "-C", root, "SKIP_SETUP=1", "linux", NULL);
    return make && g_subprocess_wait_check(make, NULL, error);
}

/* One harness at a time; the next finds the files. */
static gboolean make_locked(const char *root, GError **error) {
    int lock = open(root, O_RDONLY | O_DIRECTORY | O_CLOEXEC);
    if (lock < 0 || flock(lock, LOCK_EX) != 0) {
        fdio_clear(&lock);
        return error_set_errno(error, errno, "cannot lock %s", root);
    }
    gboolean made = is_there(root) || make_linux(root, error);
    fdio_clear(&lock);
    return made;
}

gboolean fetch_linux(const char *root, GError **error) {
    g_autoptr(GError) failed = NULL;
    g_autofree char *tool = g_build_filename(root, "tools/fetch-linux", NULL);
    if (is_there(root)) return TRUE;
    gboolean is_source = g_file_test(tool, G_FILE_TEST_EXISTS);
    if (is_source) {
        fprintf(stderr,
                "harness: fetching Debian's Linux kernel for --driver to %s, once, by \"make "
                "linux\"\n",
                root);
        if (make_locked(root, &failed) && is_there(root)) return TRUE;
    }
    g_set_error(
        error, HARNESS_ERROR, HARNESS_ERROR_IO,
        "the driver linux needs vmlinuz, init and two modules in %s/" BOOT_LINUX_FOLDER "; %s%s",
        root,
        is_source ? "\"make linux\" did not create them: "
                  : "\"make linux\" in the sources of harness creates them; copy that folder",
        is_source ? failed ? failed->message : "see its output" : "");
    return FALSE;
}
