#include "guest/replay.h"
#include "base/error.h"
#include "base/fdio.h"
#include <errno.h>
#include <string.h>
#include <sys/mman.h>
#include <sys/stat.h>
#include <unistd.h>

/* The name of `script` with another suffix; free with g_free. */
static char *beside(const char *script, const char *suffix) {
    const char *dot = strrchr(script, '.');
    return g_strdup_printf("%.*s.%s", (int)(dot - script), script, suffix);
}

static gboolean copy_archive(int fd, const char *path, GError **error) {
    struct stat status;
    if (fstat(fd, &status) != 0)
        return error_set_errno(error, errno, "the archive of the guest's files");
    gsize size = (gsize)status.st_size;
    void *data = mmap(NULL, size, PROT_READ, MAP_SHARED, fd, 0);
    if (data == MAP_FAILED)
        return error_set_errno(error, errno, "the archive of the guest's files");
    gboolean copied = g_file_set_contents(path, data, (gssize)size, error);
    munmap(data, size);
    return copied;
}

static gboolean write_script(const GuestConfig *config, const char *path, GError **error) {
    g_auto(GStrv) argv = guest_replay_argv(config);
    g_autoptr(GString) text = g_string_new(
        "#!/bin/sh\n"
        "# Repeats the recorded run on this terminal, instruction by instruction. Its kernel must\n"
        "# not have changed. With gdb: add -S -s, then  gdb-multiarch -ex 'target remote :1234'\n"
        "exec");
    for (char **word = argv; *word; word++) {
        g_autofree char *quoted = g_shell_quote(*word);
        g_string_append_printf(text, " %s", quoted);
    }
    g_string_append(text, " -monitor none \"$@\" </dev/null\n");
    return g_file_set_contents_full(path, text->str, (gssize)text->len,
                                    G_FILE_SET_CONTENTS_CONSISTENT, 0777, error);
}

Replay *replay_prepare(GuestConfig *config, const char *script, int archive_fd, GError **error) {
    g_autoptr(Replay) replay = g_new0(Replay, 1);
    replay->log = beside(script, "rr");
    if (archive_fd >= 0) replay->archive = beside(script, "cpio");
    config->record_file = replay->log;
    config->initrd_path = replay->archive;
    config->initrd_fd = -1;
    if (config->drives && config->drives->len > 0) {
        g_set_error(error, HARNESS_ERROR, HARNESS_ERROR_QEMU,
                    "a case with disks, shares, a flash memory or further serial ports cannot be "
                    "recorded, since they are gone when it is replayed");
        return NULL;
    }
    /* QEMU may write to the log but not create a file. */
    if (g_file_set_contents(replay->log, "", 0, error) &&
        (!replay->archive || copy_archive(archive_fd, replay->archive, error)) &&
        write_script(config, script, error))
        return g_steal_pointer(&replay);
    g_prefix_error(error, "the recording: ");
    return NULL;
}

void replay_discard(const char *script) {
    static const char *const suffixes[] = {"replay", "rr", "cpio"};
    for (guint i = 0; i < G_N_ELEMENTS(suffixes); i++) {
        g_autofree char *path = beside(script, suffixes[i]);
        unlink(path);
    }
}

void replay_free(Replay *replay) {
    g_free(replay->log);
    g_free(replay->archive);
    g_free(replay);
}
