#include "gate/unittests_case.h"
#include "base/paths.h"
#include "base/quantity.h"
#include "base/text.h"
#include "gate/gate_keys.h"
#include "gate/qemu_option.h"
#include "gate/qemu_words.h"
#include <stdlib.h>
#include <string.h>

/* Of a test without a limit. */
#define NO_TIMEOUT "24h"
#define CHR_TESTDEV                                                                         \
    "-device virtio-serial-device -device virtconsole,chardev=ctd -chardev testdev,id=ctd " \
    "-device pci-testdev"
#define DEBUG_EXIT \
    "-device pc-testdev -device isa-debug-exit,iobase=0xf4,iosize=0x4 -device pci-testdev"

static const UnittestsRunner runners[] = {
    {"arm64", "virt", NULL, "gic-version=host", CHR_TESTDEV, TRUE, TRUE},
    {"arm", "virt", "highmem=off", "gic-version=host", CHR_TESTDEV, TRUE, TRUE},
    {"x86_64", "pc", NULL, NULL, DEBUG_EXIT, FALSE, TRUE},
    {"i386", "pc", NULL, NULL, DEBUG_EXIT, FALSE, TRUE},
    {"riscv64", "virt", NULL, NULL, NULL, TRUE, FALSE},
    {"riscv32", "virt", NULL, NULL, NULL, TRUE, FALSE},
};

const UnittestsRunner *unittests_runner_find(const UnittestsConfig *config) {
    for (gsize i = 0; config->arch && i < G_N_ELEMENTS(runners); i++)
        if (strcmp(runners[i].arch, config->arch) == 0) return &runners[i];
    return NULL;
}

static void leave_out(UnittestsCase *c, const char *format, ...) G_GNUC_PRINTF(2, 3);

/* The first reason counts. */
static void leave_out(UnittestsCase *c, const char *format, ...) {
    va_list args;
    va_start(args, format);
    if (!c->why) c->why = g_strdup_vprintf(format, args);
    va_end(args);
}

static void replace(char **member, char *value) {
    g_free(*member);
    *member = value;
}

static gboolean is_line(const char *text) {
    g_autofree char *line = text_line(text);
    return strcmp(line, text) == 0;
}

/* ---- What is left to a shell ---- */

/* `text` with $MAX_SMP in place. Free with g_free. */
static char *expand(const UnittestsCase *c, const char *text) {
    g_autofree char *number = g_strdup_printf("%u", c->tree->max_smp);
    g_autoptr(GString) out = g_string_new(text);
    g_string_replace(out, "${MAX_SMP}", number, 0);
    g_string_replace(out, "$MAX_SMP", number, 0);
    return g_string_free(g_steal_pointer(&out), FALSE);
}

/* Whether a shell would do more with these words than take them apart. */
static gboolean needs_shell(const char *text) {
    char quote = 0;
    for (; *text; text++) {
        if (quote != '\'' && *text == '\\' && text[1])
            text++;
        else if (*text == quote)
            quote = 0;
        else if (!quote && (*text == '\'' || *text == '"'))
            quote = *text;
        else if (quote != '\'' && (*text == '$' || *text == '`'))
            return TRUE;
        else if (!quote && strchr(";|&<>()", *text))
            return TRUE;
    }
    return FALSE;
}

/* A number, or the one expression that these files have: the smaller of two. */
static void take_smp(UnittestsCase *c, const char *value) {
    g_autofree char *text = expand(c, value);
    g_autoptr(GRegex) smaller = g_regex_new(
        "^\\$\\(\\( *\\( *(\\d{1,9}) *< *(\\d{1,9}) *\\) *\\? *(\\d{1,9}) *: *(\\d{1,9}) *\\)\\)$",
        0, 0, NULL);
    g_autoptr(GMatchInfo) match = NULL;
    if (g_regex_match(smaller, text, 0, &match)) {
        g_auto(GStrv) of = g_match_info_fetch_all(match);
        gboolean is_less = atoi(of[1]) < atoi(of[2]);
        replace(&text, g_strdup(of[is_less ? 3 : 4]));
    }
    guint64 count;
    if (!g_ascii_string_to_unsigned(text, 10, 1, 4096, &count, NULL))
        leave_out(c, "smp = %s is not a number", value);
    replace(&c->smp, g_strdup_printf("%" G_GUINT64_FORMAT, count));
}

/* [[ "$TARGET" != qemu ]] and the like, of what configure has decided. */
static void take_disabled_if(UnittestsCase *c, const char *value) {
    g_autoptr(GRegex) comparison = g_regex_new(
        "^\\[\\[ *\"?\\$\\{?(\\w+)\\}?\"? *(!=|==?) *\"?([\\w-]*)\"? *\\]\\]$", 0, 0, NULL);
    g_autoptr(GMatchInfo) match = NULL;
    if (!g_regex_match(comparison, value, 0, &match)) {
        leave_out(c, "disabled_if = %s needs a shell", value);
        return;
    }
    g_auto(GStrv) of = g_match_info_fetch_all(match);
    const char *known = strcmp(of[1], "TARGET") == 0       ? "qemu"
                        : strcmp(of[1], "ARCH") == 0       ? c->tree->config->arch
                        : strcmp(of[1], "CONFIG_EFI") == 0 ? "n"
                                                           : NULL;
    gboolean is_equal = g_strcmp0(known, of[3]) == 0;
    if (!known || is_equal == (of[2][0] == '='))
        leave_out(c, known ? "disabled_if = %s holds" : "disabled_if = %s needs a shell", value);
}

/* ---- Options of QEMU that are keys of gates ---- */

/* QEMU counts in MiB where no unit is given. */
static void take_memory(UnittestsCase *c, const char *value) {
    const char *number = g_str_has_prefix(value, "size=") ? value + strlen("size=") : value;
    gsize digits = strspn(number, "0123456789");
    gboolean has_unit = number[digits] != '\0';
    guint64 bytes;
    g_autofree char *size = g_strdup_printf("%s%s", number, has_unit ? "" : "M");
    char *unit = size + digits;
    *unit = g_ascii_toupper(*unit);
    if (digits == 0 || !strchr("KMG", *unit) || !quantity_size(size, &bytes) || bytes == 0 ||
        bytes > GATE_MEMORY_MAX || bytes % 1024 != 0)
        leave_out(c, "-m %s is not a number of whole KiB up to 64 GiB", value);
    replace(&c->memory, g_steal_pointer(&size));
}

static void take_accel(UnittestsCase *c, const char *value) {
    g_auto(GStrv) names = g_strsplit(value, ":", -1);
    for (char **name = names; *name; name++)
        if (strcmp(*name, "tcg") != 0 && strcmp(*name, "kvm") != 0 && strcmp(*name, "hvf") != 0)
            leave_out(c, "accel = %s is not tcg, kvm or hvf", value);
    if (!names[0]) leave_out(c, "accel has no value");
    replace(&c->accel, g_strdup(value));
}

/* The last type counts, and every option. */
static void take_machine(UnittestsCase *c, const char *value) {
    g_auto(GStrv) parts = g_strsplit(value, ",", -1);
    for (char **part = parts; *part; part++) {
        const char *equals = strchr(*part, '=');
        if (g_str_has_prefix(*part, "accel="))
            take_accel(c, equals + 1);
        else if (g_str_has_prefix(*part, "type="))
            replace(&c->machine_type, g_strdup(equals + 1));
        else if (part == parts && !equals)
            replace(&c->machine_type, g_strdup(*part));
        else
            g_ptr_array_add(c->machine_options, g_strdup(*part));
    }
}

static void take_cpu(UnittestsCase *c, const char *value) {
    g_autofree char *why = qemu_option_check(value);
    if (why) leave_out(c, "-cpu %s %s", value, why);
    replace(&c->cpu, g_strdup(value));
}

/* A gate has it on one line; blanks around it do not count for a guest either. */
static void take_append(UnittestsCase *c, const char *value) {
    g_autofree char *text = g_strstrip(g_strdup(value));
    if (!is_line(text)) leave_out(c, "its boot arguments have control characters");
    replace(&c->append, *text ? g_steal_pointer(&text) : NULL);
}

static const struct {
    const char *name;
    void (*take)(UnittestsCase *c, const char *value);
} own_options[] = {
    {"append", take_append}, {"smp", take_smp},         {"m", take_memory},    {"cpu", take_cpu},
    {"M", take_machine},     {"machine", take_machine}, {"accel", take_accel},
};

/* The number of words of the option that it takes, or 0. */
static guint take_own_option(UnittestsCase *c, char **words) {
    if (words[0][0] != '-') return 0;
    const char *name = words[0] + 1 + (words[0][1] == '-');
    if (strcmp(name, "enable-kvm") == 0) {
        take_accel(c, "kvm");
        return 1;
    }
    for (gsize i = 0; words[1] && i < G_N_ELEMENTS(own_options); i++) {
        if (strcmp(own_options[i].name, name) != 0) continue;
        own_options[i].take(c, words[1]);
        return 2;
    }
    return 0;
}

static void add_comment(UnittestsCase *c, const char *option, const char *why) {
    g_autofree char *text = g_strdup_printf("Without %s: the list of words %s.", option, why);
    g_autofree char *line = text_line(text);
    g_string_append_printf(c->comments, "# %s\n", line);
}

static void take_parameters(UnittestsCase *c, const char *value) {
    g_autofree char *text = expand(c, value);
    g_auto(GStrv) words = NULL;
    g_autoptr(GError) failed = NULL;
    if (needs_shell(text))
        leave_out(c, "its parameters need a shell: %s", value);
    else if (!g_shell_parse_argv(text, NULL, &words, &failed) &&
             !g_error_matches(failed, G_SHELL_ERROR, G_SHELL_ERROR_EMPTY_STRING))
        leave_out(c, "its parameters are not words: %s", value);
    for (char **word = words; word && *word;) {
        guint count = take_own_option(c, word);
        g_autofree char *why = NULL;
        if (count == 0) {
            count = (guint)qemu_words_first((const char *const *)word, &why);
            g_autofree char *end = word[count];
            word[count] = NULL;
            g_autofree char *option = g_strjoinv(" ", word);
            word[count] = g_steal_pointer(&end);
            for (guint i = 0; !why && i < count; i++)
                g_ptr_array_add(c->words, g_strdup(word[i]));
            if (why) add_comment(c, option, why);
        }
        word += count;
    }
}

static void join_machine(UnittestsCase *c) {
    gboolean is_kvm = strcmp(c->accel ? c->accel : c->tree->accel, "kvm") == 0;
    const char *kvm_option = is_kvm ? c->runner->kvm_option : NULL;
    if (!c->machine_type && c->machine_options->len == 0 && !kvm_option) return;
    g_autoptr(GString) machine =
        g_string_new(c->machine_type ? c->machine_type : c->runner->machine);
    if (c->runner->option) g_string_append_printf(machine, ",%s", c->runner->option);
    /* QEMU takes the last of equal options: the test's. */
    if (kvm_option) g_string_append_printf(machine, ",%s", kvm_option);
    for (guint i = 0; i < c->machine_options->len; i++)
        g_string_append_printf(machine, ",%s", (char *)c->machine_options->pdata[i]);
    g_autofree char *why = qemu_option_check(machine->str);
    if (why) leave_out(c, "-machine %s %s", machine->str, why);
    c->machine = g_string_free(g_steal_pointer(&machine), FALSE);
}

static void take_timeout(UnittestsCase *c, const char *value) {
    gsize length = strlen(value);
    gboolean has_unit = length > 0 && strchr("smhd", value[length - 1]);
    g_autofree char *timeout = g_strdup_printf("%s%s", value, has_unit ? "" : "s");
    gint64 ns;
    if (!quantity_duration(timeout, &ns))
        leave_out(c, "timeout = %s is not a duration of at most a day", value);
    else if (ns == 0)
        replace(&timeout, g_strdup(NO_TIMEOUT));
    replace(&c->timeout, g_steal_pointer(&timeout));
}

static void take_test(UnittestsCase *c) {
    const Unittest *test = c->test;
    const UnittestsConfig *config = c->tree->config;
    if (!test->file || path_check_relative(test->file) || !is_line(test->file))
        leave_out(c, "it names no file below %s", config->folder);
    if (unittest_has_group(test, "nodefault"))
        leave_out(c, "it is in the group nodefault, which runs on demand");
    if (unittest_has_group(test, "migration") || unittest_has_group(test, "panic"))
        leave_out(c, "its runner migrates the guest or waits for QEMU's event of a panic");
    if (test->arch && strcmp(test->arch, config->arch) != 0)
        leave_out(c, "it is for %s alone", test->arch);
    if (test->disabled_if) take_disabled_if(c, test->disabled_if);
    if (test->smp) take_smp(c, test->smp);
    /* Properties of the accelerator are not taken over. */
    if (test->accel) {
        g_autofree char *name = g_strndup(test->accel, strcspn(test->accel, ","));
        take_accel(c, name);
    }
    if (test->timeout) take_timeout(c, test->timeout);
    if (test->machine) replace(&c->machine_type, g_strdup(test->machine));
    g_autofree char *arguments =
        test->arguments && *test->arguments ? g_strconcat("-append ", test->arguments, NULL) : NULL;
    if (arguments) take_parameters(c, arguments);
    if (test->parameters) take_parameters(c, test->parameters);
    join_machine(c);
    if (!c->why) c->why = c->tree->leave_out(test, c->tree->data);
}

void unittests_case_init(UnittestsCase *ret_case, const UnittestsTree *tree,
                         const UnittestsRunner *runner, const Unittest *test) {
    *ret_case = (UnittestsCase){.tree = tree,
                                .runner = runner,
                                .test = test,
                                .machine_options = g_ptr_array_new_with_free_func(g_free),
                                .words = g_ptr_array_new_with_free_func(g_free),
                                .comments = g_string_new(NULL)};
    take_test(ret_case);
}

void unittests_case_clear(UnittestsCase *c) {
    g_free(c->append);
    g_free(c->smp);
    g_free(c->memory);
    g_free(c->cpu);
    g_free(c->accel);
    g_free(c->timeout);
    g_free(c->machine_type);
    g_free(c->machine);
    g_free(c->why);
    g_ptr_array_unref(c->machine_options);
    g_ptr_array_unref(c->words);
    g_string_free(c->comments, TRUE);
}
