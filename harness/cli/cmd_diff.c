#include "base/error.h"
#include "base/fdio.h"
#include "base/json_out.h"
#include "base/text.h"
#include "cli/command.h"
#include "differ/tree.h"
#include "record/record_diff.h"
#include "record/record_read.h"
#include "run/why.h"
#include <stdio.h>
#include <string.h>

/* Lines of a screen. */
#define LINES_MAX 24

static struct {
    gboolean all, json;
    char *why, *out, *journal;
} flags;

static char *visible(const char *line) {
    g_autofree char *text = text_from_bytes(line, strlen(line));
    return text_line(text);
}

static void print_line(const char *line) {
    g_autofree char *text = visible(line);
    puts(text);
}

/* `paths` is NULL for the cause of a case. */
static void print_text(const char *const *paths, const TreeResult *result) {
    if (!result->diff) return;
    const GPtrArray *lines = result->diff->lines;
    print_line(result->diff->cause);
    if (paths) {
        g_autofree char *sides = g_strdup_printf("A is %s, B is %s", paths[0], paths[1]);
        print_line(sides);
    }
    guint room = LINES_MAX - (paths ? 2 : 1);
    guint shown = flags.all || lines->len <= room ? lines->len : room - 1;
    for (guint i = 0; i < shown; i++)
        print_line(lines->pdata[i]);
    if (shown < lines->len) printf("(%u more lines: harness diff --all)\n", lines->len - shown);
}

static void print_json(const char *const *paths, const TreeResult *result) {
    g_autoptr(GString) out = g_string_new(NULL);
    g_autofree char *a = paths ? visible(paths[0]) : NULL, *b = paths ? visible(paths[1]) : NULL;
    json_out_begin(out, NULL, '{');
    json_out_text(out, "a", a);
    json_out_text(out, "b", b);
    json_out_bool(out, "equal", result->diff == NULL);
    if (result->diff) {
        g_autofree char *cause = visible(result->diff->cause);
        json_out_text(out, "cause", cause);
        if (result->offset >= 0) json_out_int(out, "offset", result->offset);
        json_out_begin(out, "lines", '[');
        for (guint i = 0; i < result->diff->lines->len; i++) {
            g_autofree char *line = visible(result->diff->lines->pdata[i]);
            json_out_text(out, NULL, line);
        }
        json_out_end(out, ']');
    }
    json_out_end(out, '}');
    puts(out->str);
}

static gboolean is_journal(const char *path) {
    g_autoptr(GBytes) bytes = fdio_load(path, NULL);
    gsize size;
    const char *data = bytes ? g_bytes_get_data(bytes, &size) : NULL;
    return data && record_is_journal(data, size);
}

/* Two journals are compared as runs, anything else as files. */
static gboolean compare(const char *a, const char *b, TreeResult *ret, GError **error) {
    if (!is_journal(a) || !is_journal(b)) return tree_compare(a, b, ret, error);
    g_autoptr(Record) one = record_load(a, error);
    g_autoptr(Record) other = one ? record_load(b, error) : NULL;
    if (!other) return FALSE;
    *ret = (TreeResult){record_diff(one, other), -1};
    return TRUE;
}

/* As diff and cmp have it, all trouble is 2. */
static int trouble(GError **error) {
    (*error)->code = HARNESS_ERROR_USAGE;
    return -1;
}

/* Prints and frees the result. */
static int print(const char *const *paths, TreeResult *result) {
    gboolean is_equal = result->diff == NULL;
    (flags.json ? print_json : print_text)(paths, result);
    g_clear_pointer(&result->diff, diff_free);
    return is_equal ? EXIT_PASSED : EXIT_FAILED;
}

static int explain(const char *const *arguments, GError **error) {
    TreeResult result = {NULL, -1};
    const WhyOptions options = {flags.out, flags.journal};
    if (arguments[0]) return command_usage(error, "--why GATE/CASE takes no A and B");
    if (!why_case(flags.why, &options, &result.diff, error)) return trouble(error);
    if (!result.diff && !flags.json)
        printf("%s and what it needs passed when they were last run, or were not run\n", flags.why);
    return print(NULL, &result);
}

static int run(const Command *const *commands, const char *const *arguments, GError **error) {
    (void)commands;
    if (flags.why) return explain(arguments, error);
    if (!arguments[0] || !arguments[1] || arguments[2])
        return command_usage(error, "diff needs two files, folders or journals: A B");
    TreeResult result;
    if (!compare(arguments[0], arguments[1], &result, error)) return trouble(error);
    return print(arguments, &result);
}

static const GOptionEntry options[] = {
    {"all", 'a', 0, G_OPTION_ARG_NONE, &flags.all, "Print every line, not one screen", NULL},
    {"why", 'w', 0, G_OPTION_ARG_STRING, &flags.why,
     "Say why a case fails that passed: what went in another way, in which case", "GATE/CASE"},
    {"out", 'o', 0, G_OPTION_ARG_FILENAME, &flags.out,
     "why: the folder of the guests' files (build/out)", "DIR"},
    {"journal", 0, 0, G_OPTION_ARG_FILENAME, &flags.journal,
     "why: the journal of the run that failed (the newest of build/journal)", "FILE"},
    {"json", 0, 0, G_OPTION_ARG_NONE, &flags.json, "Print an object of JSON", NULL},
    {NULL}};

const Command command_diff = {
    .name = "diff",
    .arguments = "A B",
    .summary = "Say why two files, folders or runs differ",
    .description =
        "The first line is the cause, in the words of the format: a member of a newc or "
        "ar archive,\n"
        "a header field, section, symbol, relocation or instruction of an ELF file, a "
        "line of text,\n"
        "a bit, padding, truncation. Then come the first byte that differs and its "
        "surroundings.\n\n"
        "With --why GATE/CASE it goes back from a case that failed through the cases that made "
        "its\n"
        "inputs, and names what changed first since the last pass: an input, a line of the gate "
        "file,\n"
        "the kernel, QEMU. GATE@linux/CASE is the case on Linux. Runs with a cache keep what that "
        "takes\n"
        "in build/out/.keys.\n\n"
        "Exit status: 0 they are equal, 1 they differ, 2 one cannot be read.",
    .options = options,
    .run = run,
};
