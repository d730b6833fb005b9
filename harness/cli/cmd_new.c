#include "base/error.h"
#include "base/fdio.h"
#include "base/paths.h"
#include "cli/command.h"
#include "gate/gate.h"
#include "gate/gate_keys.h"
#include <errno.h>
#include <fcntl.h>
#include <stdio.h>
#include <string.h>
#include <sys/stat.h>
#include <unistd.h>

/* The default program: hello of this tree. */
#define EXAMPLE "build:kernel/user/hello"

/* ---- The text of the gate ---- */

/* Appends an optional key as a comment: its form and the first sentence of its help. */
static void append_key(GString *out, const GateKey *key) {
    const char *end = strstr(key->help, ". ");
    g_string_append_printf(out, "#   %s%s = %s\n#       %.*s\n", key->name,
                           key->flags & KEY_ARGUMENT ? " /PATH" : "", key->syntax,
                           end ? (int)(end + 1 - key->help) : (int)strlen(key->help), key->help);
}

/* `source` is the source of /init. */
static char *make_text(const char *name, const char *source) {
    GString *out = g_string_new(NULL);
    g_string_append_printf(
        out,
        "# A gate: cases that each run one program on the seed kernel and judge its results.\n"
        "# harness check %s finds mistakes, harness run %s runs it, and harness check --keys\n"
        "# explains every key.\n"
        "[gate]\n"
        "proves = a program runs and exits with 0\n"
        "# Gates whose outputs this one reads with out:GATE/CASE/PATH:\n"
        "# needs = boot0\n"
        "\n"
        "[case first]\n"
        "about = it prints what it must\n"
        "# /init is the program that runs. Sources: fixture:PATH (below fixtures/%s/), "
        "build:PATH,\n"
        "# out:GATE/CASE/PATH, random:SEED:SIZE, \"text\"; joined with +.\n"
        "file /init = %s\n"
        "# Its arguments, beginning with its name:\n"
        "# argv = init one \"and two\"\n"
        "exit = 0\n"
        "# What it must print:\n"
        "# console = \"hello\\n\"\n"
        "# A file that it must leave: these bytes, or golden, for the hash that harness bless %s\n"
        "# records:\n"
        "# expect /out = golden\n"
        "\n"
        "# Other keys of a case:\n",
        name, name, name, source, name);
    for (const GateKey *key = gate_keys; key->name; key++)
        if (key->flags & KEY_CASE) append_key(out, key);
    return g_string_free(out, FALSE);
}

/* ---- The files ---- */

static gboolean make_folder_of(const char *path, GError **error) {
    g_autofree char *folder = g_path_get_dirname(path);
    return g_mkdir_with_parents(folder, 0777) == 0 ||
           error_set_errno(error, errno, "cannot create the folder %s", folder);
}

/* Never overwrites a file. */
static gboolean write_new(const char *path, const void *data, gsize size, mode_t mode,
                          GError **error) {
    if (!make_folder_of(path, error)) return FALSE;
    int fd = open(path, O_WRONLY | O_CREAT | O_EXCL | O_CLOEXEC, mode);
    if (fd < 0 && errno == EEXIST) {
        command_usage(error, "%s already exists; nothing was written", path);
        return FALSE;
    }
    if (fd < 0) return error_set_errno(error, errno, "cannot create %s", path);
    gboolean written = fdio_write(fd, data, size, error);
    fdio_clear(&fd);
    if (!written) g_prefix_error(error, "%s: ", path);
    return written;
}

/* Copies a program into the fixtures of the gate; *ret_source is its source in the gate. */
static gboolean take_program(const char *gate, const char *program, char **ret_source,
                             GError **error) {
    g_autofree char *base = g_path_get_basename(program);
    g_autofree char *path = g_build_filename("fixtures", gate, base, NULL);
    g_autoptr(GError) failed = NULL;
    g_autoptr(GBytes) bytes = fdio_load(program, &failed);
    gsize size;
    if (!bytes) {
        command_usage(error, "%s", failed->message);
        return FALSE;
    }
    const void *data = g_bytes_get_data(bytes, &size);
    if (!write_new(path, data, size, 0777, error)) return FALSE;
    printf("%s\n", path);
    *ret_source = g_strconcat("fixture:", base, NULL);
    return TRUE;
}

/* "selftest/hang": each part is a name. */
static gboolean check_name(const char *name, GError **error) {
    g_auto(GStrv) parts = g_strsplit(name, "/", -1);
    gboolean good = *parts != NULL;
    for (char **part = parts; good && *part; part++)
        good = path_is_name(*part);
    if (!good || g_str_has_suffix(name, ".gate"))
        command_usage(
            error,
            "\"%s\" is not a valid gate name: letters, digits, - _ and ., a letter or digit "
            "first; its file becomes gates/NAME.gate",
            name);
    return good && !g_str_has_suffix(name, ".gate");
}

static int run(const Command *const *commands, const char *const *arguments, GError **error) {
    (void)commands;
    const char *name = arguments[0], *prog = name ? arguments[1] : NULL;
    if (!name || (prog && arguments[2]))
        return command_usage(error, "new needs a name and optionally a program: harness new first "
                                    "./hello");
    if (!check_name(name, error)) return -1;
    g_autofree char *path = g_strdup_printf("gates/%s.gate", name);
    if (g_file_test(path, G_FILE_TEST_EXISTS))
        return command_usage(error, "%s already exists; nothing was written", path);
    g_autofree char *source = prog ? NULL : g_strdup(EXAMPLE);
    if (prog && !take_program(name, prog, &source, error)) return -1;
    g_autofree char *text = make_text(name, source);
    if (!write_new(path, text, strlen(text), 0666, error)) return -1;
    printf("%s\n", path);
    return EXIT_PASSED;
}

static const GOptionEntry options[] = {{NULL}};

const Command command_new = {
    .name = "new",
    .arguments = "GATE [PROG]",
    .summary = "Write a commented gate to start from",
    .description =
        "Writes gates/GATE.gate below the current folder, with one case that is ready to run.\n"
        "PROG, a static aarch64 program, is copied to fixtures/GATE/; without it the case runs\n"
        "the hello of this tree. Then: harness run GATE.",
    .options = options,
    .run = run,
};
