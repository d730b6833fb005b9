#include "attempt/cache_folder.h"
#include "base/quantity.h"
#include "base/text.h"
#include "base/usage.h"
#include "cli/command.h"
#include "run/run_cache.h"
#include <stdio.h>
#include <string.h>

static struct {
    char *cache, *max_size, *max_age;
    gboolean all;
} flags;

static void print_result(gpointer data, const CacheResult *result) {
    (void)data;
    g_autofree char *proved = text_time(result->proved_s);
    g_autofree char *used = text_time(result->used_s);
    g_autofree char *id = text_line(result->id);
    g_autofree char *run = text_line(result->run);
    g_autofree char *size = g_format_size_full(result->bytes, G_FORMAT_SIZE_IEC_UNITS);
    printf("%s  %.12s  %-32s %5u files %10s  passed %s in %s\n", used, result->key, id,
           result->files, size, proved, run);
}

static void print_use(const char *folder, const CacheUse *use) {
    g_autofree char *size = g_format_size_full(use->bytes, G_FORMAT_SIZE_IEC_UNITS);
    printf("%s: %u results, %u files, %s", folder, use->entries, use->files, size);
    if (use->damaged) printf("; %u damaged", use->damaged);
    if (use->entries) {
        g_autofree char *oldest = text_time(use->oldest_s);
        g_autofree char *newest = text_time(use->newest_s);
        printf("; used from %s to %s", oldest, newest);
    }
    putchar('\n');
}

/* FALSE and *error for a URL that no server can have. */
static gboolean print_remote(const char *folder, GError **error) {
    g_autoptr(CacheRemote) remote = NULL;
    g_autoptr(GError) why = NULL;
    if (!run_cache_remote(flags.cache, folder, TRUE, &remote, error)) return FALSE;
    if (!remote) return TRUE;
    gboolean answers = cache_remote_probe(remote, &why);
    printf("%s: %s%s\n", cache_remote_shown(remote),
           answers ? "answers" : "does not serve: ", answers ? "" : why->message);
    return TRUE;
}

static int show(const char *folder, GError **error) {
    CacheUse use = cache_folder_use(folder, flags.all ? print_result : NULL, NULL);
    print_use(folder, &use);
    return print_remote(folder, error) ? EXIT_PASSED : -1;
}

static gboolean parse_age(const char *text, gint64 *ret_s) {
    char *end;
    gint64 days = g_ascii_strtoll(text, &end, 10);
    if (!g_ascii_isdigit(*text) || strcmp(end, "d") != 0 || days > CACHE_MAX_AGE_S) return FALSE;
    *ret_s = days * 86400;
    return TRUE;
}

static int prune(const char *folder, GError **error) {
    CacheLimits limits = {CACHE_MAX_BYTES, CACHE_MAX_AGE_S};
    if (flags.max_size && !quantity_size(flags.max_size, &limits.bytes))
        return command_usage(error, "--max-size must be " QUANTITY_SIZE_SYNTAX);
    if (flags.max_age && !parse_age(flags.max_age, &limits.age_s))
        return command_usage(error, "--max-age must be a number of days, such as 7d or 0d");
    if (flags.all) limits = (CacheLimits){0, -1};
    CacheUse before = cache_folder_use(folder, NULL, NULL), left;
    cache_folder_prune(folder, &limits, &left);
    g_autofree char *size =
        g_format_size_full(before.bytes - MIN(before.bytes, left.bytes), G_FORMAT_SIZE_IEC_UNITS);
    printf("removed %u results, %s\n", before.entries - MIN(before.entries, left.entries), size);
    print_use(folder, &left);
    return EXIT_PASSED;
}

static const struct {
    const char *name;
    int (*run)(const char *folder, GError **error);
} actions[] = {{"show", show}, {"prune", prune}};

static int run(const Command *const *commands, const char *const *arguments, GError **error) {
    (void)commands;
    const char *names[G_N_ELEMENTS(actions) + 1] = {NULL};
    g_autofree char *folder = run_cache_folder(flags.cache, NULL);
    for (guint i = 0; i < G_N_ELEMENTS(actions); i++) {
        names[i] = actions[i].name;
        if (g_strcmp0(arguments[0], names[i]) != 0) continue;
        if (arguments[1]) return command_usage(error, "cache %s takes no arguments", names[i]);
        if (!folder)
            return command_usage(error, "HARNESS_CACHE is empty; name a folder with --cache");
        return actions[i].run(folder, error);
    }
    usage_unknown(error, "cache needs one of show, prune", arguments[0] ? arguments[0] : "", names);
    return -1;
}

static const GOptionEntry options[] = {
    {"cache", 0, 0, G_OPTION_ARG_FILENAME, &flags.cache,
     "The folder (" CACHE_FOLDER "), or http(s)://HOST/PATH of a server behind it", "DIR|URL"},
    {"all", 'a', 0, G_OPTION_ARG_NONE, &flags.all,
     "show: a line for each result; prune: remove everything", NULL},
    {"max-size", 0, 0, G_OPTION_ARG_STRING, &flags.max_size,
     "prune: remove the results used longest ago until the folder is smaller (2G)", "SIZE"},
    {"max-age", 0, 0, G_OPTION_ARG_STRING, &flags.max_age,
     "prune: remove results not used for so long (30d)", "DAYS"},
    {NULL}};

const Command command_cache = {
    .name = "cache",
    .arguments = "ACTION",
    .summary = "Show or prune the results that need no second run",
    .description =
        "  show     how many results the folder holds, their size, and whether the server answers\n"
        "  prune    remove results that have not been used for long\n\n"
        "run keeps what passed, and does not run it again while nothing changes that can\n"
        "change the result: inputs, expectations, kernel, QEMU, options, this program. It\n"
        "prunes by itself. To run everything: harness run --fresh.\n\n"
        "With a URL, by --cache or HARNESS_CACHE, run asks that server for what the folder does\n"
        "not hold, and sends it what passes, by GET and PUT of /ac/KEY and "
        "/cas/SHA256.\n" RUN_CACHE_HEADER " is a line NAME: VALUE that goes with each request;\n"
        "user and password may stand in ~/.netrc. The server prunes itself.",
    .options = options,
    .run = run,
};
