/* Types of values that are lists. */
#include "base/paths.h"
#include "base/text.h"
#include "gate/key_type.h"
#include <string.h>
#include <sys/stat.h>

/* Linux has 12 bits for the one and 20 for the other. */
#define NODE_NUMBER_MAX 0xfffff

/* A list that is set as a whole is shared by all cases that have it. */
static void clear_list(void *value) { g_clear_pointer((GPtrArray **)value, g_ptr_array_unref); }

static void copy_list(void *to, const void *from) {
    *(GPtrArray **)to = g_ptr_array_ref(*(GPtrArray *const *)from);
}

/* ---- Words: GStrv, NULL if the key is not given ---- */

static void clear_words(void *value) { g_clear_pointer((GStrv *)value, g_strfreev); }

static void copy_words(void *to, const void *from) {
    *(GStrv *)to = g_strdupv(*(const GStrv *)from);
}

static gboolean parse_word_list(void *value, const KeyContext *context, GError **error) {
    g_autoptr(GPtrArray) words = g_ptr_array_new_with_free_func((GDestroyNotify)g_bytes_unref);
    if (!key_parse_words(context, words, error)) return FALSE;
    g_autoptr(GStrvBuilder) builder = g_strv_builder_new();
    for (guint i = 0; i < words->len; i++) {
        gsize length;
        const char *data = g_bytes_get_data(words->pdata[i], &length);
        g_autofree char *text = g_strndup(data ? data : "", length);
        if (strlen(text) != length)
            return key_refuse(context, error, "an argument cannot contain a NUL byte");
        g_strv_builder_add(builder, text);
    }
    clear_words(value);
    *(GStrv *)value = g_strv_builder_end(builder);
    return TRUE;
}

/* What text_quoted shows for a byte that a text cannot hold stays a line of its own. */
static void append_word(GString *out, const char *data, gsize length) {
    gboolean is_plain = length > 0;
    for (gsize i = 0; i < length; i++)
        is_plain &= g_ascii_isgraph(data[i]) && data[i] != '"' && data[i] != '\\';
    g_autofree char *quoted = is_plain ? g_strndup(data, length) : text_quoted(data, length);
    g_string_append_printf(out, "%s%s", out->len ? " " : "", quoted);
}

static void show_words(const void *value, const char *key, GPtrArray *lines) {
    GStrv words = *(const GStrv *)value;
    g_autoptr(GString) out = g_string_new(NULL);
    for (char **word = words; word && *word; word++)
        append_word(out, *word, strlen(*word));
    if (words) key_show(lines, key, "%s", out->str);
}

static gboolean parse_argv(void *value, const KeyContext *context, GError **error) {
    if (!parse_word_list(value, context, error)) return FALSE;
    for (char **word = *(GStrv *)value; *word; word++)
        if (strchr(*word, '\n'))
            return key_refuse(context, error,
                              "an argument of init cannot contain a newline: /init.argv, which "
                              "carries them, has one argument on each line");
    return TRUE;
}

static gboolean parse_take(void *value, const KeyContext *context, GError **error) {
    if (!parse_word_list(value, context, error)) return FALSE;
    for (char **word = *(GStrv *)value; *word; word++) {
        const char *why = path_check_guest(*word);
        if (why) return key_refuse(context, error, "the guest path %s %s", *word, why);
    }
    return TRUE;
}

#define WORDS_TYPE(parser) \
    { sizeof(GStrv), NULL, clear_words, copy_words, parser, show_words }
const KeyType key_words = WORDS_TYPE(parse_word_list);
const KeyType key_argv = WORDS_TYPE(parse_argv);
const KeyType key_take = WORDS_TYPE(parse_take);

/* ---- Files and trees of the guest, or its initrd: GPtrArray of GateInput, which the keys share
 * ---- */

static void init_inputs(void *value) {
    *(GPtrArray **)value = g_ptr_array_new_with_free_func((GDestroyNotify)gate_input_free);
}

static gpointer copy_input(gconstpointer from, gpointer data) {
    (void)data;
    const GateInput *input = from;
    GateInput *copy = g_memdup2(input, sizeof *input);
    copy->guest_path = g_strdup(input->guest_path);
    copy->text = g_strdup(input->text);
    if (input->source) g_ptr_array_ref(copy->source);
    return copy;
}

static void copy_inputs(void *to, const void *from) {
    *(GPtrArray **)to = g_ptr_array_copy(*(GPtrArray *const *)from, copy_input, NULL);
    g_ptr_array_set_free_func(*(GPtrArray **)to, (GDestroyNotify)gate_input_free);
}

/* Creates an input for the path of the line; it replaces one copied from another case. */
static GateInput *add_input(GPtrArray *inputs, const KeyContext *context, GateInputKind kind) {
    GateInput *input = g_new0(GateInput, 1);
    input->guest_path = lex_dup(context->file, context->line->argument);
    input->text = lex_dup(context->file, context->line->value);
    input->kind = kind;
    input->span = context->line->value;
    for (guint i = 0; i < inputs->len; i++) {
        GateInput *other = inputs->pdata[i];
        if (other->kind != kind || strcmp(other->guest_path, input->guest_path) != 0) continue;
        inputs->pdata[i] = input;
        gate_input_free(other);
        return input;
    }
    g_ptr_array_add(inputs, input);
    return input;
}

static gboolean parse_file(void *value, const KeyContext *context, GError **error) {
    GateInput *input = add_input(*(GPtrArray **)value, context, INPUT_FILE);
    input->source = source_parse(context->file, context->line->value, error);
    return input->source != NULL;
}

static gboolean parse_tree(void *value, const KeyContext *context, GError **error) {
    GateInput *input = add_input(*(GPtrArray **)value, context, INPUT_TREE);
    input->source = source_parse(context->file, context->line->value, error);
    if (!input->source) return FALSE;
    return source_is_folder(input->source) ||
           key_refuse(context, error, "expected one folder: " SOURCE_FOLDER_SYNTAX);
}

/* "c MAJOR MINOR [MODE]", or b: a device node. */
static gboolean parse_node(void *value, const KeyContext *context, GError **error) {
    GateInput *input = add_input(*(GPtrArray **)value, context, INPUT_NODE);
    g_auto(GStrv) words = g_strsplit_set(input->text, " \t", -1);
    guint count = g_strv_length(words);
    guint64 mode = 0600, major, minor;
    gboolean is_fine =
        (count == 3 || count == 4) && (strcmp(words[0], "c") == 0 || strcmp(words[0], "b") == 0) &&
        g_ascii_string_to_unsigned(words[1], 10, 0, NODE_NUMBER_MAX, &major, NULL) &&
        g_ascii_string_to_unsigned(words[2], 10, 0, NODE_NUMBER_MAX, &minor, NULL) &&
        (count == 3 || g_ascii_string_to_unsigned(words[3], 8, 0, 07777, &mode, NULL));
    if (!is_fine)
        return key_refuse(context, error,
                          "expected c or b, the two numbers of the device, and perhaps its "
                          "permissions: c 5 1 600");
    input->node = (GateNode){(guint32)mode | (*words[0] == 'c' ? S_IFCHR : S_IFBLK), (guint32)major,
                             (guint32)minor};
    return TRUE;
}

/* The initrd as it is, which has no path. */
static gboolean parse_initrd(void *value, const KeyContext *context, GError **error) {
    GateInput *input = add_input(*(GPtrArray **)value, context, INPUT_INITRD);
    input->source = source_parse(context->file, context->line->value, error);
    return input->source != NULL;
}

static void show_inputs(const GPtrArray *inputs, GateInputKind kind, const char *key,
                        GPtrArray *lines) {
    for (guint i = 0; i < inputs->len; i++) {
        const GateInput *input = inputs->pdata[i];
        g_autofree char *named = g_strdup_printf("%s %s", key, input->guest_path);
        if (input->kind == kind) key_show(lines, g_strchomp(named), "%s", input->text);
    }
}

static void show_files(const void *value, const char *key, GPtrArray *lines) {
    show_inputs(*(GPtrArray *const *)value, INPUT_FILE, key, lines);
}

static void show_trees(const void *value, const char *key, GPtrArray *lines) {
    show_inputs(*(GPtrArray *const *)value, INPUT_TREE, key, lines);
}

static void show_nodes(const void *value, const char *key, GPtrArray *lines) {
    show_inputs(*(GPtrArray *const *)value, INPUT_NODE, key, lines);
}

static void show_initrd(const void *value, const char *key, GPtrArray *lines) {
    show_inputs(*(GPtrArray *const *)value, INPUT_INITRD, key, lines);
}

const KeyType key_file = {sizeof(GPtrArray *), init_inputs, clear_list,
                          copy_inputs,         parse_file,  show_files};
const KeyType key_tree = {sizeof(GPtrArray *), init_inputs, clear_list,
                          copy_inputs,         parse_tree,  show_trees};
const KeyType key_node = {sizeof(GPtrArray *), init_inputs, clear_list,
                          copy_inputs,         parse_node,  show_nodes};
const KeyType key_initrd = {sizeof(GPtrArray *), init_inputs,  clear_list,
                            copy_inputs,         parse_initrd, show_initrd};

/* ---- Files that the guest must leave: GPtrArray of GateExpect ---- */

static void init_expects(void *value) {
    *(GPtrArray **)value = g_ptr_array_new_with_free_func((GDestroyNotify)gate_expect_free);
}

static gpointer copy_expect(gconstpointer from, gpointer data) {
    (void)data;
    const GateExpect *expect = from;
    GateExpect *copy = g_memdup2(expect, sizeof *expect);
    copy->guest_path = g_strdup(expect->guest_path);
    copy->text = g_strdup(expect->text);
    if (expect->source) g_ptr_array_ref(copy->source);
    return copy;
}

static void copy_expects(void *to, const void *from) {
    *(GPtrArray **)to = g_ptr_array_copy(*(GPtrArray *const *)from, copy_expect, NULL);
    g_ptr_array_set_free_func(*(GPtrArray **)to, (GDestroyNotify)gate_expect_free);
}

static GateExpect *add_expect(GPtrArray *expects, const KeyContext *context) {
    GateExpect *expect = g_new0(GateExpect, 1);
    expect->guest_path = lex_dup(context->file, context->line->argument);
    expect->text = lex_dup(context->file, context->line->value);
    expect->span = context->line->value;
    for (guint i = 0; i < expects->len; i++) {
        GateExpect *other = expects->pdata[i];
        if (strcmp(other->guest_path, expect->guest_path) != 0) continue;
        expects->pdata[i] = expect;
        gate_expect_free(other);
        return expect;
    }
    g_ptr_array_add(expects, expect);
    return expect;
}

static gboolean parse_expect(void *value, const KeyContext *context, GError **error) {
    GateExpect *expect = add_expect(*(GPtrArray **)value, context);
    if (lex_equal(context->file, context->line->value, "golden")) return TRUE;
    expect->source = source_parse(context->file, context->line->value, error);
    if (!expect->source) g_prefix_error(error, "expected \"golden\" or a source\n");
    return expect->source != NULL;
}

static void show_expects(const void *value, const char *key, GPtrArray *lines) {
    const GPtrArray *expects = *(GPtrArray *const *)value;
    for (guint i = 0; i < expects->len; i++) {
        const GateExpect *expect = expects->pdata[i];
        g_autofree char *named = g_strdup_printf("%s %s", key, expect->guest_path);
        key_show(lines, named, "%s", expect->text);
    }
}

const KeyType key_expect = {sizeof(GPtrArray *), init_expects, clear_list,
                            copy_expects,        parse_expect, show_expects};

/* ---- Texts of the console: GPtrArray of GBytes ---- */

static void init_console(void *value) {
    *(GPtrArray **)value = g_ptr_array_new_with_free_func((GDestroyNotify)g_bytes_unref);
}

/* The first line of a section replaces the texts of another case; further lines add texts. */
static gboolean parse_console(void *value, const KeyContext *context, GError **error) {
    if (!context->is_again) {
        clear_list(value);
        init_console(value);
    }
    GPtrArray *texts = *(GPtrArray **)value;
    guint before = texts->len;
    if (!key_parse_words(context, texts, error)) return FALSE;
    for (guint i = before; i < texts->len; i++)
        if (g_bytes_get_size(texts->pdata[i]) == 0)
            return key_refuse(context, error, "an empty text always matches");
    return TRUE;
}

static void show_console(const void *value, const char *key, GPtrArray *lines) {
    const GPtrArray *texts = *(GPtrArray *const *)value;
    for (guint i = 0; i < texts->len; i++) {
        gsize length;
        const char *data = g_bytes_get_data(texts->pdata[i], &length);
        g_autofree char *quoted = text_quoted(data, length);
        key_show(lines, key, "%s", quoted);
    }
}

const KeyType key_console = {sizeof(GPtrArray *), init_console,  clear_list,
                             copy_list,           parse_console, show_console};
