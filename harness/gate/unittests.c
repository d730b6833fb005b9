#include "gate/unittests.h"
#include "base/text.h"
#include <string.h>

/* Opens and closes a value of several lines. */
#define LONG_QUOTE "\"\"\""

static const struct {
    const char *name;
    gsize offset;
    gboolean is_shell; /* words for a shell, in which "#" may be text */
} keys[] = {
    {"file", offsetof(Unittest, file), FALSE},
    {"smp", offsetof(Unittest, smp), FALSE},
    {"test_args", offsetof(Unittest, arguments), TRUE},
    {"qemu_params", offsetof(Unittest, parameters), TRUE},
    {"extra_params", offsetof(Unittest, parameters), TRUE},
    {"groups", offsetof(Unittest, groups), FALSE},
    {"arch", offsetof(Unittest, arch), FALSE},
    {"machine", offsetof(Unittest, machine), FALSE},
    {"check", offsetof(Unittest, check), FALSE},
    {"accel", offsetof(Unittest, accel), FALSE},
    {"timeout", offsetof(Unittest, timeout), FALSE},
    {"disabled_if", offsetof(Unittest, disabled_if), TRUE},
};

static void unittest_free(gpointer data) {
    Unittest *test = data;
    for (gsize i = 0; i < G_N_ELEMENTS(keys); i++)
        g_clear_pointer((char **)G_STRUCT_MEMBER_P(test, keys[i].offset), g_free);
    g_free(test->name);
    g_free(test);
}

/* Lines, from 1 on. */
typedef struct {
    GStrv lines;
    guint next;
} Reader;

/* Whether the text ends with a backslash that is not itself escaped. */
static gboolean ends_escaped(const GString *text) {
    gsize count = 0;
    while (count < text->len && text->str[text->len - 1 - count] == '\\')
        count++;
    return count % 2 == 1;
}

/* A value that began with LONG_QUOTE, up to the line that ends with it; an escaped newline joins
 * two lines. */
static char *read_long(Reader *reader, const char *first) {
    g_autoptr(GString) text = g_string_new(NULL);
    g_autofree char *line = g_strdup(first);
    for (;;) {
        g_strchomp(line);
        gboolean is_last = g_str_has_suffix(line, LONG_QUOTE);
        if (is_last) line[strlen(line) - strlen(LONG_QUOTE)] = '\0';
        if (ends_escaped(text))
            g_string_truncate(text, text->len - 1);
        else if (text->len > 0)
            g_string_append_c(text, '\n');
        g_string_append(text, line);
        if (is_last || !reader->lines[reader->next]) break;
        g_free(line);
        line = g_strdup(reader->lines[reader->next++]);
    }
    return g_string_free(g_steal_pointer(&text), FALSE);
}

static void take_value(Unittest *test, Reader *reader, const char *key, const char *value) {
    for (gsize i = 0; i < G_N_ELEMENTS(keys); i++) {
        if (strcmp(keys[i].name, key) != 0) continue;
        char **member = G_STRUCT_MEMBER_P(test, keys[i].offset);
        g_free(*member);
        if (keys[i].is_shell && g_str_has_prefix(value, LONG_QUOTE)) {
            *member = read_long(reader, value + strlen(LONG_QUOTE));
            return;
        }
        *member = g_strdup(value);
        char *comment = keys[i].is_shell ? NULL : strstr(*member, " #");
        if (comment) *comment = '\0';
        g_strstrip(*member);
    }
}

GPtrArray *unittests_parse(const char *data, gsize length) {
    GPtrArray *tests = g_ptr_array_new_with_free_func(unittest_free);
    g_autofree char *text = text_from_bytes(data, length);
    g_auto(GStrv) lines = g_strsplit(text, "\n", -1);
    Reader reader = {lines, 0};
    Unittest *test = NULL;
    while (lines[reader.next]) {
        g_autofree char *line = g_strstrip(g_strdup(lines[reader.next++]));
        gsize size = strlen(line);
        char *equals = strchr(line, '=');
        if (*line == '[' && line[size - 1] == ']') {
            test = g_new0(Unittest, 1);
            test->name = g_strndup(line + 1, size - 2);
            test->line = reader.next;
            g_ptr_array_add(tests, test);
        } else if (test && equals) {
            *equals = '\0';
            take_value(test, &reader, g_strchomp(line), g_strchug(equals + 1));
        }
    }
    return tests;
}

gboolean unittest_has_group(const Unittest *test, const char *group) {
    g_auto(GStrv) words = g_strsplit_set(test->groups ? test->groups : "", " \t", -1);
    return g_strv_contains((const char *const *)words, group);
}

/* ---- config.mak ---- */

void unittests_config_parse(const char *data, gsize length, UnittestsConfig *ret_config) {
    g_autofree char *text = text_from_bytes(data, length);
    g_auto(GStrv) lines = g_strsplit(text, "\n", -1);
    /* An older tree names the processor that it was compiled for, a newer one QEMU's default and
     * the one that the user wants. */
    g_autofree char *processor = NULL, *wanted = NULL;
    *ret_config = (UnittestsConfig){0};
    for (char **line = lines; *line; line++) {
        char *value = strchr(*line, '=');
        if (!value) continue;
        *value++ = '\0';
        g_strstrip(value);
        char **member = strcmp(*line, "ARCH") == 0               ? &ret_config->arch
                        : strcmp(*line, "ARCH_NAME") == 0        ? &ret_config->qemu_arch
                        : strcmp(*line, "TEST_DIR") == 0         ? &ret_config->folder
                        : strcmp(*line, "DEFAULT_QEMU_CPU") == 0 ? &ret_config->cpu
                        : strcmp(*line, "PROCESSOR") == 0        ? &processor
                        : strcmp(*line, "TARGET_CPU") == 0       ? &wanted
                                                                 : NULL;
        if (member) {
            g_free(*member);
            *member = *value ? g_strdup(value) : NULL;
        }
        if (strcmp(*line, "ENVIRON_DEFAULT") == 0)
            ret_config->has_environment = strcmp(value, "yes") == 0;
        if (strcmp(*line, "CONFIG_EFI") == 0) ret_config->is_efi = strcmp(value, "y") == 0;
    }
    if (wanted || !ret_config->cpu) {
        g_free(ret_config->cpu);
        ret_config->cpu = wanted ? g_steal_pointer(&wanted) : g_steal_pointer(&processor);
    }
}

void unittests_config_clear(UnittestsConfig *config) {
    g_free(config->arch);
    g_free(config->qemu_arch);
    g_free(config->folder);
    g_free(config->cpu);
    *config = (UnittestsConfig){0};
}
