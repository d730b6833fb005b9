#include "gate_keys.h"
#include "paths.h"
#include "qemu_option.h"
#include "quantity.h"
#include <signal.h>
#include <string.h>

/* QEMU's virt machine takes 255 GiB without high memory regions; a test guest stays far below. */
#define MEMORY_MAX (G_GUINT64_CONSTANT(64) << 30)
/* What becomes slower by more than this is not watched at all. */
#define SLOWER_MAX 10000

static gboolean set_text(const GateKeyContext *context, char **field, GError **error) {
    DiagSpan value = context->line->value;
    if (value.begin == value.end)
        return diag_error(error, context->file, value, "a text is missing here");
    g_free(*field);
    *field = lex_dup(context->file, value);
    return TRUE;
}

/* All words of the value, unquoted. */
static gboolean parse_words(const GateKeyContext *context, GPtrArray *words, GError **error) {
    GError *failed = NULL;
    DiagSpan rest = context->line->value, word;
    gboolean quoted;
    while (lex_word(context->file, &rest, &word, &quoted, &failed)) {
        GBytes *bytes = quoted
                            ? lex_unquote(context->file, word, &failed)
                            : g_bytes_new(context->file->text + word.begin, word.end - word.begin);
        if (!bytes) break;
        g_ptr_array_add(words, bytes);
    }
    if (failed) {
        g_propagate_error(error, failed);
        return FALSE;
    }
    if (words->len == 0)
        return diag_error(error, context->file, context->line->value, "a word is missing here");
    return TRUE;
}

static gboolean parse_word_strings(const GateKeyContext *context, GStrv *ret_words,
                                   GError **error) {
    g_autoptr(GPtrArray) words = g_ptr_array_new_with_free_func((GDestroyNotify)g_bytes_unref);
    if (!parse_words(context, words, error)) return FALSE;
    g_autoptr(GStrvBuilder) builder = g_strv_builder_new();
    for (guint i = 0; i < words->len; i++) {
        gsize length;
        const char *data = g_bytes_get_data(words->pdata[i], &length);
        g_autofree char *text = g_strndup(data ? data : "", length);
        if (strlen(text) != length)
            return diag_error(error, context->file, context->line->value,
                              "an argument cannot hold a NUL byte");
        g_strv_builder_add(builder, text);
    }
    g_strfreev(*ret_words);
    *ret_words = g_strv_builder_end(builder);
    return TRUE;
}

static gboolean parse_number(const GateKeyContext *context, gint64 max, gint64 *ret,
                             GError **error) {
    g_autofree char *text = lex_dup(context->file, context->line->value);
    guint64 number;
    if (!g_ascii_string_to_unsigned(text, 10, 0, (guint64)max, &number, NULL))
        return diag_error(error, context->file, context->line->value,
                          "expected a number from 0 to %" G_GINT64_FORMAT, max);
    *ret = (gint64)number;
    return TRUE;
}

static gboolean parse_duration_at(const DiagFile *file, DiagSpan span, gint64 *ret_ns,
                                  GError **error) {
    g_autofree char *text = lex_dup(file, span);
    return quantity_duration(text, ret_ns) ||
           diag_error(error, file, span, "a duration is " QUANTITY_DURATION_SYNTAX);
}

static gboolean parse_duration(const GateKeyContext *context, gint64 *ret_ns, GError **error) {
    return parse_duration_at(context->file, context->line->value, ret_ns, error);
}

static gboolean parse_yes_no(const GateKeyContext *context, gboolean *ret, GError **error) {
    gboolean yes = lex_equal(context->file, context->line->value, "yes");
    if (!yes && !lex_equal(context->file, context->line->value, "no"))
        return diag_error(error, context->file, context->line->value, "expected yes or no");
    *ret = yes;
    return TRUE;
}

static gboolean parse_proves(const GateKeyContext *context, GError **error) {
    return set_text(context, &context->gate->proves, error);
}

static gboolean parse_needs(const GateKeyContext *context, GError **error) {
    return parse_word_strings(context, &context->gate->needs, error);
}

static gboolean parse_about(const GateKeyContext *context, GError **error) {
    return set_text(context, &context->target->about, error);
}

static gboolean parse_kernel(const GateKeyContext *context, GError **error) {
    if (!set_text(context, &context->target->kernel, error)) return FALSE;
    const char *why = path_check_relative(context->target->kernel);
    return !why || diag_error(error, context->file, context->line->value,
                              "the path %s; it is relative to the folder of gates/", why);
}

static gboolean set_qemu_option(const GateKeyContext *context, char **field, GError **error) {
    if (!set_text(context, field, error)) return FALSE;
    g_autofree char *why = qemu_option_check(*field);
    return !why || diag_error(error, context->file, context->line->value, "the value %s", why);
}

static gboolean parse_append(const GateKeyContext *context, GError **error) {
    return set_text(context, &context->target->append, error);
}

static gboolean parse_arch(const GateKeyContext *context, GError **error) {
    if (!set_text(context, &context->target->arch, error)) return FALSE;
    return path_is_name(context->target->arch) ||
           diag_error(error, context->file, context->line->value,
                      "expected the name of an architecture, such as riscv64");
}

static gboolean parse_machine(const GateKeyContext *context, GError **error) {
    return set_qemu_option(context, &context->target->machine, error);
}

static gboolean parse_cpu(const GateKeyContext *context, GError **error) {
    return set_qemu_option(context, &context->target->cpu, error);
}

static gboolean parse_memory(const GateKeyContext *context, GError **error) {
    guint64 *bytes = &context->target->memory_bytes;
    if (!source_parse_size(context->file, context->line->value, MEMORY_MAX, bytes, error))
        return FALSE;
    if (*bytes == 0 || *bytes % (1024 * 1024) != 0)
        return diag_error(error, context->file, context->line->value,
                          "guest memory is a whole number of MiB, at least one");
    return TRUE;
}

static gboolean parse_transport(const GateKeyContext *context, GError **error) {
    gboolean disk = lex_equal(context->file, context->line->value, "disk");
    if (!disk && !lex_equal(context->file, context->line->value, "console"))
        return diag_error(error, context->file, context->line->value, "expected console or disk");
    context->target->transport = disk ? TRANSPORT_DISK : TRANSPORT_CONSOLE;
    return TRUE;
}

static gboolean parse_drivers(const GateKeyContext *context, GError **error) {
    g_auto(GStrv) words = NULL;
    if (!parse_word_strings(context, &words, error)) return FALSE;
    context->target->drivers = 0;
    for (char **word = words; *word; word++) {
        gboolean is_linux = strcmp(*word, "linux") == 0;
        if (!is_linux && strcmp(*word, "seed") != 0)
            return diag_error(error, context->file, context->line->value,
                              "expected seed, linux or both words");
        context->target->drivers |= 1u << (is_linux ? DRIVER_LINUX : DRIVER_SEED);
    }
    return TRUE;
}

static gboolean parse_argv(const GateKeyContext *context, GError **error) {
    if (!parse_word_strings(context, &context->target->argv, error)) return FALSE;
    for (char **word = context->target->argv; *word; word++)
        if (strchr(*word, '\n'))
            return diag_error(error, context->file, context->line->value,
                              "an argument of init cannot hold a newline: /init.argv, which "
                              "carries them, has one argument a line");
    return TRUE;
}

static GateInput *add_input(const GateKeyContext *context, gboolean is_tree) {
    GateInput *input = g_new0(GateInput, 1);
    input->guest_path = lex_dup(context->file, context->line->argument);
    input->is_tree = is_tree;
    input->span = context->line->value;
    g_ptr_array_add(context->target->inputs, input);
    return input;
}

static gboolean parse_file(const GateKeyContext *context, GError **error) {
    GateInput *input = add_input(context, FALSE);
    input->source = source_parse(context->file, context->line->value, error);
    return input->source != NULL;
}

static gboolean parse_tree(const GateKeyContext *context, GError **error) {
    GateInput *input = add_input(context, TRUE);
    input->source = source_parse(context->file, context->line->value, error);
    if (!input->source) return FALSE;
    const SourcePart *part = input->source->pdata[0];
    if (input->source->len != 1 || part->kind == SOURCE_TEXT || part->kind == SOURCE_RANDOM)
        return diag_error(error, context->file, context->line->value,
                          "a tree is one folder: fixture:DIR, build:DIR or out:GATE/CASE/DIR");
    return TRUE;
}

static gboolean parse_exit(const GateKeyContext *context, GError **error) {
    gint64 status;
    if (!parse_number(context, 255, &status, error)) return FALSE;
    context->target->judges_init = TRUE;
    context->target->exit_status = (int)status;
    return TRUE;
}

/* The signals that the kernel ends a program with. */
static const struct {
    const char *name;
    int number;
} signals[] = {{"SIGILL", SIGILL}, {"SIGTRAP", SIGTRAP}, {"SIGBUS", SIGBUS},
               {"SIGFPE", SIGFPE}, {"SIGKILL", SIGKILL}, {"SIGSEGV", SIGSEGV}};

static gboolean parse_signal(const GateKeyContext *context, GError **error) {
    context->target->judges_init = TRUE;
    for (guint i = 0; i < G_N_ELEMENTS(signals); i++) {
        if (lex_equal(context->file, context->line->value, signals[i].name)) {
            context->target->signal = signals[i].number;
            return TRUE;
        }
    }
    return diag_error(error, context->file, context->line->value,
                      "expected SIGILL, SIGTRAP, SIGBUS, SIGFPE, SIGKILL or SIGSEGV");
}

static gboolean parse_expect(const GateKeyContext *context, GError **error) {
    GateExpect *expect = g_new0(GateExpect, 1);
    expect->guest_path = lex_dup(context->file, context->line->argument);
    expect->span = context->line->value;
    g_ptr_array_add(context->target->expects, expect);
    if (lex_equal(context->file, context->line->value, "golden")) return TRUE;
    expect->source = source_parse(context->file, context->line->value, error);
    if (!expect->source) g_prefix_error(error, "expected \"golden\" or a source\n");
    return expect->source != NULL;
}

static gboolean parse_console(const GateKeyContext *context, GError **error) {
    GPtrArray *texts = context->target->console;
    if (!parse_words(context, texts, error)) return FALSE;
    for (guint i = 0; i < texts->len; i++)
        if (g_bytes_get_size(texts->pdata[i]) == 0)
            return diag_error(error, context->file, context->line->value,
                              "an empty text is always there");
    return TRUE;
}

static Regex *parse_regex(const GateKeyContext *context, DiagSpan text, GBytes *pattern,
                          GError **error) {
    gsize length;
    const char *data = g_bytes_get_data(pattern, &length);
    g_autoptr(GError) failed = NULL;
    Regex *regex = length > 0 ? regex_new(data, length, &failed) : NULL;
    if (!regex)
        diag_error(error, context->file, text, "%s",
                   failed ? failed->message : "an empty expression always matches");
    return regex;
}

/* The text in quotes that a step ends with, at the beginning of *rest. */
static GBytes *parse_step_text(const GateKeyContext *context, DiagSpan step, DiagSpan *rest,
                               DiagSpan *ret_text, GError **error) {
    gboolean quoted = FALSE;
    GError *failed = NULL;
    if (lex_word(context->file, rest, ret_text, &quoted, &failed) && quoted)
        return lex_unquote(context->file, *ret_text, error);
    if (failed)
        g_propagate_error(error, failed);
    else
        diag_error(error, context->file, step, "a text in quotes must follow");
    return NULL;
}

static gboolean parse_quiet(const GateKeyContext *context, DiagSpan step, DiagSpan *rest,
                            gint64 *ret_ns, GError **error) {
    DiagSpan word;
    gboolean quoted = FALSE;
    if (!lex_word(context->file, rest, &word, &quoted, NULL) || quoted)
        return diag_error(error, context->file, step,
                          "a duration must follow, and then a text in quotes: quiet 200ms \"# $\"");
    if (!parse_duration_at(context->file, word, ret_ns, error)) return FALSE;
    return *ret_ns > 0 || diag_error(error, context->file, word, "the duration must not be 0");
}

/* One step, whose first word is `word`; what it consists of is taken from *rest. */
static gboolean parse_step(const GateKeyContext *context, DiagSpan word, DiagSpan *rest,
                           GError **error) {
    GPtrArray *steps = context->target->dialog;
    gboolean is_quiet = lex_equal(context->file, word, "quiet");
    gboolean is_send = lex_equal(context->file, word, "send");
    gint64 quiet_ns = 0;
    DiagSpan text;
    if (!is_quiet && !is_send && !lex_equal(context->file, word, "wait"))
        return diag_error(error, context->file, word, "expected wait, quiet or send");
    if (is_quiet && !parse_quiet(context, word, rest, &quiet_ns, error)) return FALSE;
    g_autoptr(GBytes) bytes = parse_step_text(context, word, rest, &text, error);
    if (!bytes) return FALSE;
    g_autofree char *shown = lex_dup(context->file, text);
    if (is_send) {
        dialog_add_send(steps, shown, g_steal_pointer(&bytes));
        return TRUE;
    }
    Regex *regex = parse_regex(context, text, bytes, error);
    if (!regex) return FALSE;
    if (is_quiet)
        dialog_add_quiet(steps, shown, regex, quiet_ns);
    else
        dialog_add_wait(steps, shown, regex);
    return TRUE;
}

static gboolean parse_dialog(const GateKeyContext *context, GError **error) {
    GError *failed = NULL;
    DiagSpan rest = context->line->value, word;
    gboolean quoted;
    while (lex_word(context->file, &rest, &word, &quoted, &failed))
        if (!parse_step(context, word, &rest, &failed)) break;
    if (failed) {
        g_propagate_error(error, failed);
        return FALSE;
    }
    return context->target->dialog->len > 0 ||
           diag_error(error, context->file, context->line->value, "a word is missing here");
}

static gboolean parse_spawns(const GateKeyContext *context, GError **error) {
    return parse_number(context, G_MAXINT32, &context->target->spawns, error);
}

static gboolean parse_budget(const GateKeyContext *context, GError **error) {
    return parse_number(context, G_MAXINT64 / 2, &context->target->budget, error);
}

static gboolean parse_slower(const GateKeyContext *context, GError **error) {
    g_autofree char *text = lex_dup(context->file, context->line->value);
    char *end = text;
    double percent = g_ascii_isdigit(text[0]) ? g_ascii_strtod(text, &end) : -1;
    if (!(percent >= 0) || percent > SLOWER_MAX || strcmp(end, "%") != 0)
        return diag_error(error, context->file, context->line->value,
                          "expected a percentage, at most %d%%: 20%%", SLOWER_MAX);
    context->target->slower_percent = percent;
    return TRUE;
}

static gboolean parse_timeout(const GateKeyContext *context, GError **error) {
    if (!parse_duration(context, &context->target->timeout_ns, error)) return FALSE;
    return context->target->timeout_ns > 0 ||
           diag_error(error, context->file, context->line->value, "a case needs a time limit");
}

static gboolean parse_hang(const GateKeyContext *context, GError **error) {
    if (lex_equal(context->file, context->line->value, "off")) {
        context->target->hang_ns = 0;
        return TRUE;
    }
    return parse_duration(context, &context->target->hang_ns, error);
}

static gboolean parse_nonce(const GateKeyContext *context, GError **error) {
    return parse_yes_no(context, &context->target->nonce, error);
}

#define SOURCE_SYNTAX "SOURCE [+ SOURCE]..."

const GateKey gate_keys[] = {
    {"proves", KEY_GATE, "TEXT", "What the gate proves; every gate says it.", parse_proves},
    {"needs", KEY_GATE, "GATE...",
     "Gates whose outputs out: may name; what makes them runs before.", parse_needs},
    {"about", KEY_CASE, "TEXT", "What the case shows.", parse_about},
    {"kernel", KEY_DEFAULT, "PATH", "An arm64 Image; default build/kernel/Image.", parse_kernel},
    {"append", KEY_DEFAULT, "TEXT", "The bootargs of that kernel, instead of those of DESIGN.md.",
     parse_append},
    {"arch", KEY_DEFAULT, "NAME",
     "The architecture of that kernel, as QEMU names it: qemu-system-NAME; default aarch64.",
     parse_arch},
    {"machine", KEY_DEFAULT, "QEMU -M", "Default " GATE_DEFAULT_MACHINE ".", parse_machine},
    {"cpu", KEY_DEFAULT, "QEMU -cpu", "Default " GATE_DEFAULT_CPU ".", parse_cpu},
    {"memory", KEY_DEFAULT, "SIZE", "Guest memory; default 1G.", parse_memory},
    {"transport", KEY_DEFAULT, "console | disk",
     "How files come in and go out: initrd and hex on the console (default), or virtio disks.",
     parse_transport},
    {"drivers", KEY_DEFAULT, "seed | linux...",
     "Drivers that cases can run on; default seed linux.", parse_drivers},
    {"argv", KEY_CASE, "WORD...", "Arguments of /init from argv[0] on; default init.", parse_argv},
    {"file", KEY_CASE | KEY_ARGUMENT | KEY_INPUT, SOURCE_SYNTAX,
     "A file of the guest before it starts.", parse_file},
    {"tree", KEY_CASE | KEY_ARGUMENT | KEY_INPUT, "SOURCE",
     "A folder whose files go below this path.", parse_tree},
    {"exit", KEY_CASE, "STATUS", "The exit status that init must end with.", parse_exit},
    {"signal", KEY_CASE, "SIGSEGV, SIGBUS, ...", "The signal that init must end with.",
     parse_signal},
    {"expect", KEY_CASE | KEY_ARGUMENT, "golden | " SOURCE_SYNTAX,
     "A file that the guest must leave: with its golden hash, or with these bytes.", parse_expect},
    {"console", KEY_CASE, "\"TEXT\"...", "Texts that programs must print, in this order.",
     parse_console},
    {"dialog", KEY_CASE, "wait \"REGEX\" | quiet DURATION \"REGEX\" | send \"TEXT\"...",
     "What to wait for on the console and what to send, in this order (PCRE; ^ and $ at lines; the "
     "echo of what was sent is part of its line). A wait ends with the first match that no more "
     "text can change: $ stands before a newline or at the end of all output, and \\d+ or .* end "
     "where something else follows. For a prompt, where nothing follows, write what it ends with "
     "(wait \"login: \"), or quiet 200ms \"# $\": once nothing came for that time, the text so far "
     "counts as the end. Of PCRE \\G, (*COMMIT) and (*NOTEMPTY_ATSTART) are refused, which depend "
     "on "
     "the pieces in which the text comes. Where no exit is judged, the case ends with the dialog.",
     parse_dialog},
    {"spawns", KEY_CASE, "N", "How many programs must be spawned, init not counted.", parse_spawns},
    {"budget", KEY_CASE, "INSTRUCTIONS",
     "What init may cost with all it spawns; judged by runs with --icount.", parse_budget},
    {"slower", KEY_DEFAULT, "PERCENT",
     "How much slower its programs may become before harness perf check fails: 20%.", parse_slower},
    {"timeout", KEY_DEFAULT, "DURATION", "Limit of the whole run; default 60s.", parse_timeout},
    {"hang", KEY_DEFAULT, "DURATION | off",
     "Limit without progress (a kernel line, bytes of a file); default 20s.", parse_hang},
    {"nonce", KEY_DEFAULT, "yes | no",
     "Whether kernel lines must carry the run's nonce; default yes.", parse_nonce},
    {NULL, 0, NULL, NULL, NULL},
};
