#include "cli/exec_files.h"
#include "base/error.h"
#include "base/fdio.h"
#include "base/paths.h"
#include "cli/command.h"
#include "cli/exec_program.h"
#include <errno.h>
#include <string.h>
#include <unistd.h>

/* The state of adding a --file; `word` is its argument. */
typedef struct {
    GateCase *c;
    GuestPaths *paths;
    const char *word;
} Adding;

static gboolean add_path(const Adding *adding, const char *guest_path, GError **error) {
    gconstpointer other;
    g_autofree char *clash = NULL;
    const char *why = path_check_input(guest_path);
    if (!why) why = clash = guest_paths_add(adding->paths, guest_path, adding->word, &other);
    if (!why) return TRUE;
    command_usage(error, "%s: the guest path %s %s%s%s%s", adding->word, guest_path, why,
                  clash ? " (" : "", clash ? (const char *)other : "", clash ? ")" : "");
    return FALSE;
}

static gboolean add_bytes(const Adding *adding, const char *guest_path, GBytes *content,
                          GError **error) {
    if (!add_path(adding, guest_path, error)) return FALSE;
    gate_add_bytes(adding->c, guest_path, content);
    return TRUE;
}

static gboolean add_file(const Adding *adding, const char *host, const char *guest_path,
                         GError **error) {
    g_autoptr(GError) failed = NULL;
    g_autoptr(GBytes) content = fdio_load(host, &failed);
    if (content) return add_bytes(adding, guest_path, content, error);
    command_usage(error, "%s", failed->message);
    return FALSE;
}

static gboolean is_folder(const char *path) { return g_file_test(path, G_FILE_TEST_IS_DIR); }

static gint compare_names(gconstpointer a, gconstpointer b) {
    return strcmp(*(const char *const *)a, *(const char *const *)b);
}

static gboolean add_folder(const Adding *adding, const char *host, const char *guest_path,
                           GError **error) {
    g_autoptr(GError) failed = NULL;
    g_autoptr(GDir) dir = g_dir_open(host, 0, &failed);
    g_autoptr(GPtrArray) names = g_ptr_array_new_with_free_func(g_free);
    if (!dir) {
        command_usage(error, "%s", failed->message);
        return FALSE;
    }
    for (const char *name; (name = g_dir_read_name(dir));)
        g_ptr_array_add(names, g_strdup(name));
    g_ptr_array_sort(names, compare_names);
    for (guint i = 0; i < names->len; i++) {
        g_autofree char *path = g_build_filename(host, names->pdata[i], NULL);
        g_autofree char *guest = g_strconcat(guest_path, "/", names->pdata[i], NULL);
        /* A link to a folder may lead back to a parent. */
        if (is_folder(path) && g_file_test(path, G_FILE_TEST_IS_SYMLINK)) {
            command_usage(error, "%s is a link to a folder; name the folder itself with --file",
                          path);
            return FALSE;
        }
        if (!(is_folder(path) ? add_folder : add_file)(adding, path, guest, error)) return FALSE;
    }
    return TRUE;
}

/* "HOST:GUEST"; a folder may become "/" itself. */
static gboolean add_word(const Adding *adding, GError **error) {
    const char *colon = strrchr(adding->word, ':');
    if (!colon || colon[1] != '/') {
        command_usage(error, "--file must be HOST:GUEST with an absolute guest path, not %s",
                      adding->word);
        return FALSE;
    }
    g_autofree char *host = g_strndup(adding->word, (gsize)(colon - adding->word));
    if (!is_folder(host)) return add_file(adding, host, colon + 1, error);
    g_autofree char *guest = g_strdup(colon + 1);
    if (g_str_has_suffix(guest, "/")) guest[strlen(guest) - 1] = '\0';
    return add_folder(adding, host, guest, error);
}

/* Adds `content` as the program, where `driver` can run it. */
static gboolean add_program(const Adding *adding, Driver driver, GError **error) {
    g_autoptr(GError) failed = NULL;
    g_autoptr(GBytes) content = fdio_load(adding->word, &failed);
    g_autofree char *why = content ? exec_program_refusal(content, driver) : NULL;
    if (!content)
        command_usage(error, "%s", failed->message);
    else if (why)
        command_usage(error, "%s %s", adding->word, why);
    else
        return add_bytes(adding, "/init", content, error);
    return FALSE;
}

/* "-" is our own standard input, which is read to its end. */
static gboolean add_stdin(const Adding *adding, const char *file, GError **error) {
    if (strcmp(file, "-") != 0) return add_file(adding, file, "/init.stdin", error);
    g_autoptr(GBytes) content = fdio_read_all(STDIN_FILENO, "standard input", error);
    return content && add_bytes(adding, "/init.stdin", content, error);
}

/* The contract's /init.env: a line for each setting. */
static gboolean add_environment(const Adding *adding, char *const *settings, GError **error) {
    g_autoptr(GString) lines = g_string_new(NULL);
    for (; *settings; settings++) {
        if (!strchr(*settings, '=') || **settings == '=' || strchr(*settings, '\n')) {
            command_usage(error, "--env must be NAME=VALUE without a newline, not %s", *settings);
            return FALSE;
        }
        g_string_append_printf(lines, "%s\n", *settings);
    }
    g_autoptr(GBytes) content = g_string_free_to_bytes(g_steal_pointer(&lines));
    return add_bytes(adding, "/init.env", content, error);
}

gboolean exec_files_add(GateCase *c, const ExecFiles *files, Driver driver, GError **error) {
    g_autoptr(GuestPaths) paths = guest_paths_new();
    Adding adding = {c, paths, files->prog};
    if (!add_program(&adding, driver, error)) return FALSE;
    adding.word = "--stdin";
    if (files->input && !add_stdin(&adding, files->input, error)) return FALSE;
    adding.word = "--env";
    if (files->settings && !add_environment(&adding, files->settings, error)) return FALSE;
    for (char *const *word = files->words; word && *word; word++) {
        adding.word = *word;
        if (!add_word(&adding, error)) return FALSE;
    }
    return TRUE;
}

gboolean exec_files_check_out(const char *out, GError **error) {
    g_autofree char *parent = g_path_get_dirname(out);
    g_autoptr(GDir) dir = g_dir_open(out, 0, NULL);
    const char *why = NULL;
    if (dir)
        why = g_dir_read_name(dir) ? "the folder is not empty" : NULL;
    else if (g_file_test(out, G_FILE_TEST_EXISTS))
        why = "it exists and is not a folder";
    else if (!is_folder(parent))
        why = "its parent folder does not exist";
    if (why) command_usage(error, "--out %s: %s; nothing was run", out, why);
    return !why;
}
