#include "gate/unittests_gate.h"
#include "base/error.h"
#include "base/paths.h"
#include "base/text.h"
#include "gate/qemu_option.h"
#include "gate/unittests_case.h"
#include <string.h>

/* The runner's limit for a test that names none (scripts/runtime.bash). */
#define DEFAULT_TIMEOUT "90s"
/* QEMU's default for the machines of the runners. */
#define DEFAULT_MEMORY "128M"

/* EXIT_SUCCESS, and 77 for a test that is skipped, as the exit devices make them. */
enum { STATUS_PASS = 1, STATUS_SKIP = 77 * 2 + 1 };

gboolean unittests_gate_check(const UnittestsConfig *config, GError **error) {
    const char *why = !config->arch || !config->qemu_arch || !config->folder
                          ? "names no ARCH, ARCH_NAME or TEST_DIR"
                      : path_check_relative(config->folder) || !path_is_name(config->qemu_arch)
                          ? "names a TEST_DIR or ARCH_NAME that cannot be"
                      : config->is_efi ? "is for tests under EFI, which have another runner"
                      : !unittests_runner_find(config)
                          ? "is for an architecture other than arm, arm64, i386, "
                            "x86_64, riscv32 and riscv64"
                          : NULL;
    g_autofree char *refused = !why && config->cpu ? qemu_option_check(config->cpu) : NULL;
    if (!why && !refused) return TRUE;
    g_set_error(error, HARNESS_ERROR, HARNESS_ERROR_USAGE, "%s%s",
                why ? why : "names a processor that ", why ? "" : refused);
    return FALSE;
}

/* ---- The text ---- */

/* A word of a list, in quotes where it needs them. */
static void append_word(GString *out, const char *word) {
    gboolean is_plain = *word != '\0';
    for (const char *at = word; *at; at++)
        is_plain &= *at > ' ' && *at <= '~' && *at != '"' && *at != '\\';
    if (is_plain) {
        g_string_append_printf(out, " %s", word);
        return;
    }
    g_string_append(out, " \"");
    for (const char *at = word; *at; at++) {
        if (*at == '"' || *at == '\\') g_string_append_c(out, '\\');
        if (*at >= ' ' && *at <= '~')
            g_string_append_c(out, *at);
        else
            g_string_append_printf(out, "\\x%02x", (guchar)*at);
    }
    g_string_append_c(out, '"');
}

static void append_key(GString *out, const char *key, const char *text) {
    if (text) g_string_append_printf(out, "%s = %s\n", key, text);
}

/* The environment that the runner passes; facts of the host's kernel are left out, since tests ask
 * for them only to skip what old kernels cannot do. */
static void append_environment(GString *out, const UnittestsCase *c) {
    const char *accel = c->accel ? c->accel : c->tree->accel;
    if (!c->tree->config->has_environment) return;
    g_string_append_printf(out, "initrd = \"QEMU_ACCEL=%s\\n%s\"\n", accel,
                           strcmp(accel, "tcg") == 0 ? "ERRATA_FORCE=y\\n" : "");
}

static void append_words(GString *out, const UnittestsCase *c) {
    if (c->words->len == 0) return;
    /* The first line replaces those of [gate]. */
    if (c->runner->words) g_string_append_printf(out, "qemu = %s\n", c->runner->words);
    g_string_append(out, "qemu =");
    for (guint i = 0; i < c->words->len; i++)
        append_word(out, c->words->pdata[i]);
    g_string_append_c(out, '\n');
}

/* A name that a case can have, and none has. Free with g_free. */
static char *name_of(const Unittest *test, GHashTable *names) {
    g_autofree char *base = g_strdup(test->name);
    for (char *at = base; *at; at++)
        if (!g_ascii_isalnum(*at) && (at == base || !strchr("-_.", *at))) *at = '-';
    for (guint n = 1;; n++) {
        g_autofree char *suffix = n > 1 ? g_strdup_printf("-%u", n) : g_strdup("");
        char *name = g_strconcat(g_ascii_isalnum(*base) ? "" : "test", base, suffix, NULL);
        if (g_hash_table_add(names, g_strdup(name))) return name;
        g_free(name);
    }
}

static void append_case(GString *out, UnittestsCase *c, GHashTable *names) {
    const Unittest *test = c->test;
    g_autofree char *name = name_of(test, names);
    g_autofree char *kernel =
        g_build_filename(c->tree->folder, c->tree->config->folder, test->file, NULL);
    g_autofree char *groups = text_line(test->groups ? test->groups : "none");
    const char *accel = c->accel ? c->accel : c->tree->accel;
    /* With the host's processor no other one's name is taken, but on x86. */
    const char *cpu = c->cpu                                            ? c->cpu
                      : c->runner->has_cpu && strcmp(accel, "tcg") != 0 ? "host"
                                                                        : NULL;
    g_string_append_printf(out, "\n[case %s]\nabout = line %u of unittests.cfg; groups: %s\n", name,
                           test->line, groups);
    g_string_append(out, c->comments->str);
    append_key(out, "kernel", kernel);
    append_key(out, "append", c->append);
    append_key(out, "machine", c->machine);
    append_key(out, "cpu", cpu);
    append_key(out, "accel", c->accel);
    append_key(out, "smp", c->smp);
    append_key(out, "memory", c->memory);
    append_key(out, "timeout", c->timeout);
    append_words(out, c);
    append_environment(out, c);
    if (!c->runner->has_exit_device)
        g_string_append_printf(out, "dialog = wait \"^EXIT: STATUS=(%d|%d)\\\\s\"\n", STATUS_PASS,
                               STATUS_SKIP);
}

static void append_gate(GString *out, const UnittestsTree *tree, const UnittestsRunner *runner) {
    const UnittestsConfig *config = tree->config;
    const char *cpu = runner->has_cpu ? config->cpu : NULL;
    g_autofree char *list = text_line(tree->list);
    g_string_append_printf(out,
                           "# %s, by harness import. Its runner: %s/run and scripts/ there.\n"
                           "[gate]\n"
                           "proves = kvm-unit-tests pass on %s\n"
                           "arch = %s\n"
                           "machine = %s%s%s\n",
                           list, config->folder, config->arch, config->qemu_arch, runner->machine,
                           runner->option ? "," : "", runner->option ? runner->option : "");
    append_key(out, "cpu", cpu);
    g_string_append_printf(out, "accel = %s\nmemory = " DEFAULT_MEMORY "\n", tree->accel);
    if (runner->words) g_string_append_printf(out, "qemu = %s\n", runner->words);
    if (runner->has_exit_device)
        g_string_append_printf(out, "status = %d\nskip-status = %d\n", STATUS_PASS, STATUS_SKIP);
    else
        g_string_append(out, "status = 0\n");
    g_string_append(out, "results = kvm-unit-tests\ntimeout = " DEFAULT_TIMEOUT "\nhang = off\n");
}

char *unittests_gate(const GPtrArray *tests, const UnittestsTree *tree, guint *ret_count) {
    const UnittestsRunner *runner = unittests_runner_find(tree->config);
    GString *out = g_string_new(NULL);
    g_autoptr(GHashTable) names = g_hash_table_new_full(g_str_hash, g_str_equal, g_free, NULL);
    *ret_count = 0;
    append_gate(out, tree, runner);
    for (guint i = 0; i < tests->len; i++) {
        UnittestsCase c;
        unittests_case_init(&c, tree, runner, tests->pdata[i]);
        if (c.why) {
            g_autofree char *why = g_strdup_printf("%s is left out: %s.", c.test->name, c.why);
            g_autofree char *line = text_line(why);
            g_string_append_printf(out, "\n# %s\n", line);
        } else {
            append_case(out, &c, names);
            ++*ret_count;
        }
        unittests_case_clear(&c);
    }
    return g_string_free(out, FALSE);
}
