#include "attempt/console_parser.h"
#include "attempt/outputs.h"
#include "base/error.h"
#include "cli/command.h"
#include <errno.h>
#include <fcntl.h>
#include <stdio.h>
#include <string.h>
#include <unistd.h>

/* Bytes read of a transcript at a time. */
#define READ_BYTES (256 * 1024)

typedef struct {
    const char *transcript;
    Outputs *outputs;
    Console *console;
    char *path;   /* of the file being extracted, or NULL */
    guint64 size; /* of it, as announced */
    guint files;
    guint bad;
} Extract;

/* Reports a mistake in the transcript; extraction continues. */
static void complain(Extract *extract, const char *message) {
    fprintf(stderr, "%s: %s\n", extract->transcript, message);
    extract->bad++;
}

/* TRUE if `error` is a mistake in the transcript, which is then reported; other errors end the
 * command. */
static gboolean forgive(Extract *extract, GError *failed, GError **error) {
    outputs_drop(extract->outputs);
    g_clear_pointer(&extract->path, g_free);
    if (failed->code != HARNESS_ERROR_PROTOCOL) {
        g_propagate_error(error, failed);
        return FALSE;
    }
    complain(extract, failed->message);
    g_error_free(failed);
    return TRUE;
}

static gboolean end_file(Extract *extract, GError **error) {
    g_autofree char *hash = g_strdup(outputs_sha256(extract->outputs));
    if (!outputs_publish(extract->outputs, error)) return FALSE;
    printf("%s  %s  %" G_GUINT64_FORMAT " bytes\n", hash, extract->path + 1, extract->size);
    extract->files++;
    g_clear_pointer(&extract->path, g_free);
    return TRUE;
}

static gboolean take_item(Extract *extract, const ConsoleItem *item, GError **error) {
    GError *failed = NULL;
    gboolean good = TRUE;
    switch (item->kind) {
    case CONSOLE_LINE:
        if (item->kernel_line->kind != LINE_FILE) break;
        good = outputs_begin(extract->outputs, item->kernel_line->file.path, &failed);
        extract->path = g_strdup(good ? item->kernel_line->file.path : NULL);
        extract->size = item->kernel_line->file.size;
        break;
    case CONSOLE_DATA:
        good = !extract->path || outputs_data(extract->outputs, item->data, item->length, &failed);
        break;
    case CONSOLE_FILE_END: good = !extract->path || end_file(extract, &failed); break;
    case CONSOLE_BAD:
        complain(extract, item->message);
        outputs_drop(extract->outputs);
        g_clear_pointer(&extract->path, g_free);
        break;
    default: break;
    }
    return good || forgive(extract, failed, error);
}

static gboolean pull_all(Extract *extract, GError **error) {
    ConsoleItem item;
    while (console_pull(extract->console, &item))
        if (!take_item(extract, &item, error)) return FALSE;
    return TRUE;
}

static gboolean read_transcript(Extract *extract, int fd, GError **error) {
    g_autofree guint8 *buffer = g_malloc(READ_BYTES);
    ssize_t got;
    while ((got = read(fd, buffer, READ_BYTES)) > 0) {
        console_push(extract->console, buffer, (gsize)got);
        if (!pull_all(extract, error)) return FALSE;
    }
    if (got < 0) return error_set_errno(error, errno, "cannot read %s", extract->transcript);
    console_end(extract->console);
    return pull_all(extract, error);
}

/* A folder of the user is never emptied: it must be new or empty. */
static gboolean check_folder(const char *folder, GError **error) {
    g_autoptr(GDir) dir = g_dir_open(folder, 0, NULL);
    if (!dir || !g_dir_read_name(dir)) return TRUE;
    command_usage(error, "%s is not empty; name a new folder", folder);
    return FALSE;
}

static int run(const Command *const *commands, const char *const *arguments, GError **error) {
    (void)commands;
    if (!arguments[0] || !arguments[1] || arguments[2])
        return command_usage(error, "extract needs TRANSCRIPT and DIR");
    Extract extract = {.transcript = arguments[0]};
    int fd = open(arguments[0], O_RDONLY | O_CLOEXEC);
    if (fd < 0) {
        error_set_errno(error, errno, "cannot open %s", arguments[0]);
        return -1;
    }
    gboolean done =
        check_folder(arguments[1], error) && (extract.outputs = outputs_new(arguments[1], error));
    g_autoptr(GStringChunk) strings = g_string_chunk_new(4096);
    extract.console = console_new(NULL, strings);
    done = done && read_transcript(&extract, fd, error);
    close(fd);
    console_free(extract.console);
    g_clear_pointer(&extract.outputs, outputs_free);
    g_free(extract.path);
    if (!done) return -1;
    if (extract.files == 0 && extract.bad == 0)
        complain(&extract,
                 "no FILE line found; check that it is the console of a guest with dumpfs");
    return extract.bad ? EXIT_FAILED : EXIT_PASSED;
}

static const GOptionEntry options[] = {{NULL}};

const Command command_extract = {
    .name = "extract",
    .arguments = "TRANSCRIPT DIR",
    .summary = "Extract the files from a saved console",
    .description =
        "Prints each file's sha256, path and size. DIR must be new or empty. Exit\n"
        "status 1 if a file is truncated or a line is malformed; complete files are kept.",
    .options = options,
    .run = run,
};
