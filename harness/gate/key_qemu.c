/* The type of further words of QEMU's command line. */
#include "gate/key_type.h"
#include "gate/qemu_words.h"

static void clear_qemu(void *value) {
    GateWords *qemu = value;
    g_strfreev(qemu->words);
    g_free(qemu->host);
    *qemu = (GateWords){0};
}

static void copy_qemu(void *to, const void *from) {
    const GateWords *qemu = from;
    *(GateWords *)to =
        (GateWords){g_strdupv(qemu->words), g_strdup(qemu->host), qemu->is_semihosted, qemu->span};
}

/* The first line of a section replaces the words of another case; further lines add words. */
static gboolean parse_qemu(void *value, const KeyContext *context, GError **error) {
    GateWords *qemu = value;
    GStrv more = NULL;
    if (!key_words.parse(&more, context, error)) {
        g_strfreev(more);
        return FALSE;
    }
    g_autoptr(GStrvBuilder) all = g_strv_builder_new();
    if (context->is_again && qemu->words) g_strv_builder_addv(all, (const char **)qemu->words);
    g_strv_builder_addv(all, (const char **)more);
    g_strfreev(more);
    clear_qemu(qemu);
    qemu->words = g_strv_builder_end(all);
    qemu->span = context->line->value;
    qemu->is_semihosted = qemu_words_are_semihosted((const char *const *)qemu->words);
    qemu->host = qemu_words_host((const char *const *)qemu->words);
    g_autofree char *why = qemu_words_refuse((const char *const *)qemu->words);
    return !why || key_refuse(context, error, "the value %s", why);
}

static void show_qemu(const void *value, const char *key, GPtrArray *lines) {
    key_words.show(&((const GateWords *)value)->words, key, lines);
}

const KeyType key_qemu_words = {sizeof(GateWords), NULL,       clear_qemu,
                                copy_qemu,         parse_qemu, show_qemu};
