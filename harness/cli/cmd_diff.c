#include "base/error.h"
#include "base/json_out.h"
#include "base/text.h"
#include "cli/command.h"
#include "differ/tree.h"
#include <stdio.h>
#include <string.h>

/* Lines of a screen. */
#define LINES_MAX 24

static struct { gboolean all, json; } flags;

static char *visible(const char *line) {
    g_autofree char *text = text_from_bytes(line, strlen(line));
    return text_line(text);
}

static void print_line(const char *line) {
    g_autofree char *text = visible(line);
    puts(text);
}

static void print_text(const char *const *paths, const TreeResult *result) {
    if (!result->diff) return;
    const GPtrArray *lines = result->diff->lines;
    g_autofree char *sides = g_strdup_printf("A is %s, B is %s", paths[0], paths[1]);
    print_line(result->diff->cause);
    print_line(sides);
    guint room = LINES_MAX - 2;
    guint shown = flags.all || lines->len <= room ? lines->len : room - 1;
    for (guint i = 0; i < shown; i++)
        print_line(lines->pdata[i]);
    if (shown < lines->len) printf("(%u more lines: harness diff --all)\n", lines->len - shown);
}

static void print_json(const char *const *paths, const TreeResult *result) {
    g_autoptr(GString) out = g_string_new(NULL);
    g_autofree char *a = visible(paths[0]), *b = visible(paths[1]);
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

/* As diff and cmp have it, all trouble is 2. */
static int trouble(GError **error) {
    (*error)->code = HARNESS_ERROR_USAGE;
    return -1;
}

static int run(const Command *const *commands, const char *const *arguments, GError **error) {
    (void)commands;
    if (!arguments[0] || !arguments[1] || arguments[2])
        return command_usage(error, "diff needs two files, folders or journals: A B");
    TreeResult result;
    if (!tree_compare(arguments[0], arguments[1], &result, error)) return trouble(error);
    (flags.json ? print_json : print_text)(arguments, &result);
    gboolean is_equal = result.diff == NULL;
    g_clear_pointer(&result.diff, diff_free);
    return is_equal ? EXIT_PASSED : EXIT_FAILED;
}

static const GOptionEntry options[] = {
    {"all", 'a', 0, G_OPTION_ARG_NONE, &flags.all, "Print every line, not one screen", NULL},
    {"json", 0, 0, G_OPTION_ARG_NONE, &flags.json, "Print an object of JSON", NULL},
    {NULL}};

const Command command_diff = {
    .name = "diff",
    .arguments = "A B",
    .summary = "Say why two files, folders or runs differ",
    .description = "The first line is the cause, in the words of the format: a member of a newc or "
                   "ar archive,\n"
                   "a header field, section, symbol, relocation or instruction of an ELF file, a "
                   "line of text,\n"
                   "a bit, padding, truncation. Then come the first byte that differs and its "
                   "surroundings.\n\n"
                   "Exit status: 0 they are equal, 1 they differ, 2 one cannot be read.",
    .options = options,
    .run = run,
};
