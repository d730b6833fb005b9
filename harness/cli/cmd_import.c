#include "base/error.h"
#include "base/fdio.h"
#include "base/paths.h"
#include "cli/command.h"
#include "gate/unittests_gate.h"
#include <stdio.h>
#include <string.h>

static int max_smp;
static char *accel;

/* A file that a test wants to have a value (scripts/runtime.bash, check_param). */
static char *check_value(const char *check) {
    const char *equals = strchr(check, '=');
    if (!equals) return NULL;
    g_autofree char *path = g_strndup(check, (gsize)(equals - check));
    g_autofree char *value = NULL;
    if (g_file_get_contents(path, &value, NULL, NULL)) g_strchomp(value);
    if (g_strcmp0(value, equals + 1) == 0) return NULL;
    return g_strdup_printf("it wants \"%s\" in %s, which has %s%s%s", equals + 1, path,
                           value ? "\"" : "nothing", value ? value : "", value ? "\"" : "");
}

static char *leave_out(const Unittest *test, gpointer data) {
    const UnittestsTree *tree = data;
    g_autofree char *kernel =
        g_build_filename(tree->folder, tree->config->folder, test->file, NULL);
    if (!g_file_test(kernel, G_FILE_TEST_IS_REGULAR))
        return g_strdup_printf("%s is not built", kernel);
    g_auto(GStrv) checks = g_strsplit(test->check ? test->check : "", " ", -1);
    for (char **check = checks; *check; check++) {
        char *why = check_value(*check);
        if (why) return why;
    }
    return NULL;
}

static gboolean load_config(const char *folder, UnittestsConfig *ret_config, GError **error) {
    g_autofree char *path = g_build_filename(folder, "config.mak", NULL);
    g_autoptr(GError) failed = NULL;
    g_autoptr(GBytes) bytes = fdio_load(path, &failed);
    if (!bytes) {
        command_usage(error, "%s; configure and make kvm-unit-tests there first", failed->message);
        return FALSE;
    }
    gsize length;
    const char *data = g_bytes_get_data(bytes, &length);
    unittests_config_parse(data ? data : "", length, ret_config);
    if (unittests_gate_check(ret_config, error)) return TRUE;
    g_prefix_error(error, "%s ", path);
    return FALSE;
}

static int print_gate(const char *folder, const char *list, GError **error) {
    g_auto(UnittestsConfig) config = {0};
    if (!load_config(folder, &config, error)) return -1;
    g_autofree char *path =
        list ? g_strdup(list) : g_build_filename(folder, config.folder, "unittests.cfg", NULL);
    g_autoptr(GBytes) bytes = fdio_load(path, error);
    if (!bytes) return -1;
    gsize length;
    const char *data = g_bytes_get_data(bytes, &length);
    g_autoptr(GPtrArray) tests = unittests_parse(data ? data : "", length);
    UnittestsTree tree = {.config = &config,
                          .folder = folder,
                          .list = path,
                          .accel = accel ? accel : "tcg",
                          .max_smp = max_smp ? (guint)max_smp : g_get_num_processors(),
                          .leave_out = leave_out};
    tree.data = &tree;
    guint count;
    g_autofree char *text = unittests_gate(tests, &tree, &count);
    if (count == 0)
        return command_usage(error, "%s has no test that can run here; the reasons:\n%s", path,
                             strchr(text, '\n') + 1);
    fputs(text, stdout);
    return EXIT_PASSED;
}

static int run(const Command *const *commands, const char *const *arguments, GError **error) {
    (void)commands;
    if (!arguments[0] || !arguments[1] || (arguments[2] && arguments[3]))
        return command_usage(error, "import needs kvm-unit-tests, DIR and perhaps a LIST");
    if (strcmp(arguments[0], "kvm-unit-tests") != 0)
        return command_usage(error, "unknown kind of tests \"%s\"; known: kvm-unit-tests",
                             arguments[0]);
    if (max_smp < 0 || max_smp > 4096) return command_usage(error, "--max-smp must be 1 to 4096");
    if (accel && strcmp(accel, "tcg") != 0 && strcmp(accel, "kvm") != 0 &&
        strcmp(accel, "hvf") != 0)
        return command_usage(error, "--accel must be tcg, kvm or hvf");
    g_autofree char *folder = g_strdup(arguments[1]);
    for (gsize length = strlen(folder); length > 1 && folder[length - 1] == '/'; length--)
        folder[length - 1] = '\0';
    const char *why = path_check_relative(folder);
    if (why)
        return command_usage(
            error,
            "%s %s: copy or build the tree below the folder that has gates/, and name "
            "it from there",
            folder, why);
    return print_gate(folder, arguments[2], error);
}

static const GOptionEntry options[] = {
    {"accel", 0, 0, G_OPTION_ARG_STRING, &accel,
     "What runs tests that do not name it: tcg (default), kvm or hvf", "NAME"},
    {"max-smp", 0, 0, G_OPTION_ARG_INT, &max_smp,
     "What tests call $MAX_SMP; default: the processors of this machine", "N"},
    {NULL}};

const Command command_import = {
    .name = "import",
    .arguments = "KIND DIR [LIST]",
    .summary = "Write a gate for the tests of another project",
    .description =
        "KIND is kvm-unit-tests. DIR is its tree, configured and built; it lies below the folder "
        "that\n"
        "has gates/, since a gate reaches the files of its project alone: configure and build it "
        "there,\n"
        "or copy it. LIST stands for DIR/ARCH/unittests.cfg. The gate goes to standard output; a "
        "test\n"
        "that cannot run is a comment with the reason.\n"
        "\n"
        "    harness import kvm-unit-tests build/kvm-unit-tests >gates/kvm-unit-tests.gate\n"
        "    harness run kvm-unit-tests",
    .options = options,
    .run = run,
};
