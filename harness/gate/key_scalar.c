/* Types of single values. */
#include "base/paths.h"
#include "gate/gate_keys.h"
#include "gate/key_type.h"
#include "gate/qemu_option.h"
#include <signal.h>
#include <string.h>

/* A larger limit would be useless. */
#define SLOWER_MAX 10000

/* ---- Texts: char * ---- */

static void clear_text(void *value) { g_clear_pointer((char **)value, g_free); }

static void copy_text(void *to, const void *from) { *(char **)to = g_strdup(*(char *const *)from); }

static void show_text(const void *value, const char *key, GPtrArray *lines) {
    const char *text = *(char *const *)value;
    if (text) key_show(lines, key, "%s", text);
}

static gboolean parse_text(void *value, const KeyContext *context, GError **error) {
    DiagSpan span = context->line->value;
    if (span.begin == span.end) return key_refuse(context, error, "missing value");
    clear_text(value);
    *(char **)value = lex_dup(context->file, span);
    return TRUE;
}

static gboolean parse_path(void *value, const KeyContext *context, GError **error) {
    if (!parse_text(value, context, error)) return FALSE;
    const char *why = path_check_relative(*(char **)value);
    return !why ||
           key_refuse(context, error, "the path %s; it is relative to the folder of gates/", why);
}

static gboolean parse_qemu_option(void *value, const KeyContext *context, GError **error) {
    if (!parse_text(value, context, error)) return FALSE;
    g_autofree char *why = qemu_option_check(*(char **)value);
    return !why || key_refuse(context, error, "the value %s", why);
}

static gboolean parse_accel(void *value, const KeyContext *context, GError **error) {
    if (!parse_text(value, context, error)) return FALSE;
    g_auto(GStrv) names = g_strsplit(*(char **)value, ":", -1);
    for (char **name = names; *name; name++)
        if (strcmp(*name, "tcg") != 0 && strcmp(*name, "kvm") != 0 && strcmp(*name, "hvf") != 0)
            return key_refuse(context, error,
                              "expected tcg, kvm or hvf, or several as in \"kvm:tcg\"");
    return TRUE;
}

static gboolean parse_program(void *value, const KeyContext *context, GError **error) {
    if (!parse_text(value, context, error)) return FALSE;
    const char *program = *(char **)value;
    if (strchr(program, '/')) return parse_path(value, context, error);
    return (path_is_name(program) && g_str_has_prefix(program, "qemu-system-")) ||
           key_refuse(context, error,
                      "expected a name that begins with qemu-system-, or a path with a slash");
}

static gboolean parse_arch(void *value, const KeyContext *context, GError **error) {
    if (!parse_text(value, context, error)) return FALSE;
    return path_is_name(*(char **)value) ||
           key_refuse(context, error, "expected the name of an architecture, such as riscv64");
}

#define TEXT_TYPE(parser) \
    { sizeof(char *), NULL, clear_text, copy_text, parser, show_text }
const KeyType key_text = TEXT_TYPE(parse_text);
const KeyType key_path = TEXT_TYPE(parse_path);
const KeyType key_qemu_option = TEXT_TYPE(parse_qemu_option);
const KeyType key_accel = TEXT_TYPE(parse_accel);
const KeyType key_program = TEXT_TYPE(parse_program);
const KeyType key_arch = TEXT_TYPE(parse_arch);

/* ---- Numbers ---- */

static gboolean parse_number(const KeyContext *context, gint64 max, gint64 *ret, GError **error) {
    g_autofree char *text = lex_dup(context->file, context->line->value);
    guint64 number;
    if (!g_ascii_string_to_unsigned(text, 10, 0, (guint64)max, &number, NULL))
        return key_refuse(context, error, "expected a number from 0 to %" G_GINT64_FORMAT, max);
    *ret = (gint64)number;
    return TRUE;
}

/* gint64; -1: not given. */
static void init_count(void *value) { *(gint64 *)value = -1; }

static gboolean parse_count(void *value, const KeyContext *context, GError **error) {
    return parse_number(context, G_MAXINT32, value, error);
}

static gboolean parse_status(void *value, const KeyContext *context, GError **error) {
    return parse_number(context, 255, value, error);
}

static void show_count(const void *value, const char *key, GPtrArray *lines) {
    gint64 count = *(const gint64 *)value;
    if (count >= 0) key_show(lines, key, "%" G_GINT64_FORMAT, count);
}

const KeyType key_count = {sizeof(gint64), init_count, NULL, NULL, parse_count, show_count};
const KeyType key_status = {sizeof(gint64), init_count, NULL, NULL, parse_status, show_count};

/* gint64; 0: not given. */
static gboolean parse_budget(void *value, const KeyContext *context, GError **error) {
    return parse_number(context, G_MAXINT64 / 2, value, error);
}

static void show_budget(const void *value, const char *key, GPtrArray *lines) {
    if (*(const gint64 *)value) show_count(value, key, lines);
}

const KeyType key_budget = {sizeof(gint64), NULL, NULL, NULL, parse_budget, show_budget};

/* double; -1: not given. */
static void init_percent(void *value) { *(double *)value = -1; }

static gboolean parse_percent(void *value, const KeyContext *context, GError **error) {
    g_autofree char *text = lex_dup(context->file, context->line->value);
    char *end = text;
    double percent = g_ascii_isdigit(text[0]) ? g_ascii_strtod(text, &end) : -1;
    if (!(percent >= 0) || percent > SLOWER_MAX || strcmp(end, "%") != 0)
        return key_refuse(context, error, "expected a percentage, at most %d%%: 20%%", SLOWER_MAX);
    *(double *)value = percent;
    return TRUE;
}

static void show_percent(const void *value, const char *key, GPtrArray *lines) {
    char text[G_ASCII_DTOSTR_BUF_SIZE];
    double percent = *(const double *)value;
    if (percent >= 0) key_show(lines, key, "%s%%", g_ascii_dtostr(text, sizeof text, percent));
}

const KeyType key_percent = {sizeof(double), init_percent, NULL, NULL, parse_percent, show_percent};

/* guint64 of bytes; 0: not given. */
static gboolean parse_memory(void *value, const KeyContext *context, GError **error) {
    guint64 *bytes = value;
    if (!source_parse_size(context->file, context->line->value, GATE_MEMORY_MAX, bytes, error))
        return FALSE;
    return (*bytes > 0 && *bytes % 1024 == 0) ||
           key_refuse(context, error, "guest memory must be a whole number of KiB, at least one");
}

static void show_memory(const void *value, const char *key, GPtrArray *lines) {
    guint64 kib = *(const guint64 *)value >> 10;
    if (kib)
        key_show(lines, key, "%" G_GUINT64_FORMAT "%s", kib % 1024 ? kib : kib / 1024,
                 kib % 1024 ? "K" : "M");
}

const KeyType key_memory = {sizeof(guint64), NULL, NULL, NULL, parse_memory, show_memory};

/* ---- Durations: gint64 of nanoseconds ---- */

static gboolean parse_timeout(void *value, const KeyContext *context, GError **error) {
    if (!key_parse_duration(context->file, context->line->value, value, error)) return FALSE;
    return *(gint64 *)value > 0 || key_refuse(context, error, "the time limit must not be 0");
}

/* 0: off. */
static gboolean parse_hang(void *value, const KeyContext *context, GError **error) {
    if (!lex_equal(context->file, context->line->value, "off"))
        return key_parse_duration(context->file, context->line->value, value, error);
    *(gint64 *)value = 0;
    return TRUE;
}

static void show_duration(const void *value, const char *key, GPtrArray *lines) {
    gint64 ns = *(const gint64 *)value;
    g_autofree char *text = ns ? key_duration(ns) : g_strdup("off");
    key_show(lines, key, "%s", text);
}

const KeyType key_timeout = {sizeof(gint64), NULL, NULL, NULL, parse_timeout, show_duration};
const KeyType key_hang = {sizeof(gint64), NULL, NULL, NULL, parse_hang, show_duration};

/* ---- Words of a set ---- */

/* gboolean */
static gboolean parse_yes_no(void *value, const KeyContext *context, GError **error) {
    gboolean yes = lex_equal(context->file, context->line->value, "yes");
    if (!yes && !lex_equal(context->file, context->line->value, "no"))
        return key_refuse(context, error, "expected yes or no");
    *(gboolean *)value = yes;
    return TRUE;
}

static void show_yes_no(const void *value, const char *key, GPtrArray *lines) {
    key_show(lines, key, *(const gboolean *)value ? "yes" : "no");
}

const KeyType key_yes_no = {sizeof(gboolean), NULL, NULL, NULL, parse_yes_no, show_yes_no};

/* Transport */
static gboolean parse_transport(void *value, const KeyContext *context, GError **error) {
    gboolean disk = lex_equal(context->file, context->line->value, "disk");
    if (!disk && !lex_equal(context->file, context->line->value, "console"))
        return key_refuse(context, error, "expected console or disk");
    *(Transport *)value = disk ? TRANSPORT_DISK : TRANSPORT_CONSOLE;
    return TRUE;
}

static void show_transport(const void *value, const char *key, GPtrArray *lines) {
    key_show(lines, key, *(const Transport *)value == TRANSPORT_DISK ? "disk" : "console");
}

/* Network */
static const char *const nets[] = {"none", "user", "open", NULL};

static gboolean parse_net(void *value, const KeyContext *context, GError **error) {
    for (guint i = 0; nets[i]; i++) {
        if (!lex_equal(context->file, context->line->value, nets[i])) continue;
        *(Net *)value = i;
        return TRUE;
    }
    return key_refuse(context, error, "expected none, user or open");
}

static void show_net(const void *value, const char *key, GPtrArray *lines) {
    key_show(lines, key, "%s", nets[*(const Net *)value]);
}

const KeyType key_net = {sizeof(Net), NULL, NULL, NULL, parse_net, show_net};
const KeyType key_transport = {sizeof(Transport), NULL,          NULL, NULL,
                               parse_transport,   show_transport};

/* ResultsFormat */
static const struct {
    const char *name;
    ResultsFormat format;
} formats[] = {{"tap", RESULTS_TAP},
               {"ktap", RESULTS_KTAP},
               {"kvm-unit-tests", RESULTS_KVM_UNIT_TESTS},
               {"regex", RESULTS_REGEX}};

static gboolean parse_results(void *value, const KeyContext *context, GError **error) {
    for (guint i = 0; i < G_N_ELEMENTS(formats); i++) {
        if (!lex_equal(context->file, context->line->value, formats[i].name)) continue;
        *(ResultsFormat *)value = formats[i].format;
        return TRUE;
    }
    return key_refuse(context, error, "expected tap, ktap, kvm-unit-tests or regex");
}

static void show_results(const void *value, const char *key, GPtrArray *lines) {
    for (guint i = 0; i < G_N_ELEMENTS(formats); i++) {
        if (formats[i].format != *(const ResultsFormat *)value) continue;
        key_show(lines, key, "%s", formats[i].name);
        return;
    }
}

const KeyType key_results = {sizeof(ResultsFormat), NULL, NULL, NULL, parse_results, show_results};

/* guint: bits 1 << Driver */
static gboolean parse_drivers(void *value, const KeyContext *context, GError **error) {
    g_autoptr(GPtrArray) words = g_ptr_array_new_with_free_func((GDestroyNotify)g_bytes_unref);
    guint drivers = 0;
    if (!key_parse_words(context, words, error)) return FALSE;
    for (guint i = 0; i < words->len; i++) {
        gsize length;
        const char *word = g_bytes_get_data(words->pdata[i], &length);
        guint known = 0;
        for (Driver driver = DRIVER_SEED; driver < DRIVERS_NAMED; driver++)
            if (strlen(driver_name(driver)) == length &&
                memcmp(driver_name(driver), word, length) == 0)
                known = 1u << driver;
        if (!known)
            return key_refuse(context, error, "expected some of \"seed\", \"linux\" and \"hex\"");
        drivers |= known;
    }
    *(guint *)value = drivers;
    return TRUE;
}

static void show_drivers(const void *value, const char *key, GPtrArray *lines) {
    guint drivers = *(const guint *)value;
    g_autoptr(GString) names = g_string_new(NULL);
    for (Driver driver = 0; driver < DRIVERS_NAMED; driver++)
        if (drivers & 1u << driver)
            g_string_append_printf(names, "%s%s", names->len ? " " : "", driver_name(driver));
    key_show(lines, key, "%s", names->str);
}

const KeyType key_drivers = {sizeof(guint), NULL, NULL, NULL, parse_drivers, show_drivers};

/* ---- The expected end of init: GateEnd, which exit and signal share ---- */

static gboolean parse_exit(void *value, const KeyContext *context, GError **error) {
    gint64 status;
    if (!parse_number(context, 255, &status, error)) return FALSE;
    *(GateEnd *)value = (GateEnd){.is_judged = TRUE, .status = (int)status};
    return TRUE;
}

static void show_exit(const void *value, const char *key, GPtrArray *lines) {
    const GateEnd *end = value;
    if (end->is_judged && !end->signal) key_show(lines, key, "%d", end->status);
}

const KeyType key_exit = {sizeof(GateEnd), NULL, NULL, NULL, parse_exit, show_exit};

/* The signals with which the kernel kills a program. */
static const struct {
    const char *name;
    int number;
} signals[] = {{"SIGILL", SIGILL}, {"SIGTRAP", SIGTRAP}, {"SIGBUS", SIGBUS},
               {"SIGFPE", SIGFPE}, {"SIGKILL", SIGKILL}, {"SIGSEGV", SIGSEGV}};

static gboolean parse_signal(void *value, const KeyContext *context, GError **error) {
    for (guint i = 0; i < G_N_ELEMENTS(signals); i++) {
        if (!lex_equal(context->file, context->line->value, signals[i].name)) continue;
        *(GateEnd *)value = (GateEnd){.is_judged = TRUE, .signal = signals[i].number};
        return TRUE;
    }
    return key_refuse(context, error,
                      "expected SIGILL, SIGTRAP, SIGBUS, SIGFPE, SIGKILL or SIGSEGV");
}

static void show_signal(const void *value, const char *key, GPtrArray *lines) {
    const GateEnd *end = value;
    for (guint i = 0; i < G_N_ELEMENTS(signals); i++)
        if (end->signal == signals[i].number) key_show(lines, key, "%s", signals[i].name);
}

const KeyType key_signal = {sizeof(GateEnd), NULL, NULL, NULL, parse_signal, show_signal};
