#include "attempt/cache_entry.h"
#include "base/hash.h"
#include "base/paths.h"
#include <string.h>

#define FIRST      "harness-cache 3 "
#define CASE       "case "
#define PROVED     "proved "
#define SUBTEST    "subtest "
#define LAST       "end "
#define HASH_CHARS 64
/* "case" and "proved". */
#define HEAD_LINES 2
/* The last second of the year 9999, which calendars can still show. */
#define PROVED_MAX_S G_GINT64_CONSTANT(253402300799)

static void cache_file_free(gpointer data) {
    CacheFile *file = data;
    g_free(file->sha256);
    g_free(file->guest_path);
    g_free(file);
}

CacheEntry *cache_entry_new(const char *id, const char *run, gint64 proved_s) {
    CacheEntry *entry = g_new0(CacheEntry, 1);
    *entry = (CacheEntry){g_strdup(id), g_strdup(run), proved_s,
                          g_ptr_array_new_with_free_func(cache_file_free),
                          g_ptr_array_new_with_free_func(result_free)};
    return entry;
}

void cache_entry_free(CacheEntry *entry) {
    g_free(entry->id);
    g_free(entry->run);
    g_ptr_array_unref(entry->files);
    g_ptr_array_unref(entry->subtests);
    g_free(entry);
}

void cache_entry_add(CacheEntry *entry, gboolean is_kept, const char *sha256, guint64 size,
                     const char *guest_path) {
    CacheFile *file = g_new0(CacheFile, 1);
    file->is_kept = is_kept;
    file->sha256 = g_strdup(sha256);
    file->size = size;
    file->guest_path = g_strdup(guest_path);
    g_ptr_array_add(entry->files, file);
}

static char *hash_text(const char *text, gsize length) {
    g_autoptr(GBytes) bytes = g_bytes_new(text, length);
    return hash_bytes(bytes);
}

char *cache_entry_format(const CacheEntry *entry, const char *key) {
    GString *text = g_string_new(FIRST);
    g_string_append_printf(text, "%s\n" CASE "%s\n" PROVED "%" G_GINT64_FORMAT " %s\n", key,
                           entry->id, entry->proved_s, entry->run);
    for (guint i = 0; i < entry->files->len; i++) {
        const CacheFile *file = entry->files->pdata[i];
        /* A guest may name a file with a newline. */
        g_autofree char *path = g_uri_escape_string(file->guest_path, "/", FALSE);
        g_string_append_printf(text, "%s %s %" G_GUINT64_FORMAT " %s\n",
                               file->is_kept ? "kept" : "input", file->sha256, file->size, path);
    }
    for (guint i = 0; i < entry->subtests->len; i++) {
        const Result *subtest = entry->subtests->pdata[i];
        g_autofree char *name = g_uri_escape_string(subtest->name, "/", FALSE);
        g_autofree char *detail =
            g_uri_escape_string(subtest->detail ? subtest->detail : "", "/", FALSE);
        g_string_append_printf(text, SUBTEST "%s %s %s\n", result_name(subtest->kind), name,
                               detail);
    }
    g_autofree char *hash = hash_text(text->str, text->len);
    g_string_append_printf(text, LAST "%s\n", hash);
    return g_string_free(text, FALSE);
}

static gboolean is_hash(const char *word) {
    return strlen(word) == HASH_CHARS && strspn(word, "0123456789abcdef") == HASH_CHARS;
}

/* One line, which is split in place. */
static gboolean parse_file(CacheEntry *entry, char *line) {
    guint64 size;
    g_auto(GStrv) words = g_strsplit(line, " ", 5);
    if (g_strv_length(words) != 4) return FALSE;
    gboolean is_kept = strcmp(words[0], "kept") == 0;
    g_autofree char *path = g_uri_unescape_string(words[3], NULL);
    if ((!is_kept && strcmp(words[0], "input") != 0) || !is_hash(words[1]) || !path ||
        path_check_guest(path) ||
        !g_ascii_string_to_unsigned(words[2], 10, 0, G_MAXINT64, &size, NULL))
        return FALSE;
    cache_entry_add(entry, is_kept, words[1], size, path);
    return TRUE;
}

/* "subtest pass NAME DETAIL" */
static gboolean parse_subtest(CacheEntry *entry, const char *line) {
    ResultKind kind;
    g_auto(GStrv) words = g_strsplit(line, " ", 4);
    if (g_strv_length(words) != 3 || !result_find(words[0], &kind)) return FALSE;
    g_autofree char *name = g_uri_unescape_string(words[1], NULL);
    g_autofree char *detail = g_uri_unescape_string(words[2], NULL);
    if (!name || !*name || !detail) return FALSE;
    g_ptr_array_add(entry->subtests, result_new(kind, g_steal_pointer(&name),
                                                *detail ? g_steal_pointer(&detail) : NULL, -1));
    return TRUE;
}

static gboolean parse_line(CacheEntry *entry, char *line) {
    return g_str_has_prefix(line, SUBTEST) ? parse_subtest(entry, line + strlen(SUBTEST))
                                           : parse_file(entry, line);
}

/* The lines of the files; NULL when the text does not begin with the key or end with its hash. */
static GStrv open_text(const char *text, gsize length, const char *key) {
    gsize last = strlen(LAST) + HASH_CHARS + 1;
    g_autofree char *first = g_strconcat(FIRST, key, "\n", NULL);
    if (memchr(text, '\0', length) || length < strlen(first) + last) return NULL;
    g_autofree char *copy = g_strndup(text, length - last);
    g_autofree char *hash = hash_text(copy, length - last);
    g_autofree char *end = g_strconcat(LAST, hash, "\n", NULL);
    if (!g_str_has_prefix(copy, first) || memcmp(text + length - last, end, last) != 0) return NULL;
    return g_strsplit(copy + strlen(first), "\n", -1);
}

/* "case ID" and "proved SECONDS RUN"; both are shown to people, so that they must be printable. */
static CacheEntry *parse_head(const char *of_case, const char *proved) {
    char *run;
    if (!g_str_has_prefix(of_case, CASE) || !g_str_has_prefix(proved, PROVED) ||
        !g_ascii_isdigit(proved[strlen(PROVED)]) || !g_utf8_validate(of_case, -1, NULL) ||
        !g_utf8_validate(proved, -1, NULL))
        return NULL;
    gint64 proved_s = g_ascii_strtoll(proved + strlen(PROVED), &run, 10);
    for (const char *at = of_case; *at; at++)
        if (g_ascii_iscntrl(*at)) return NULL;
    for (const char *at = run; *at; at++)
        if (g_ascii_iscntrl(*at)) return NULL;
    return *run == ' ' && proved_s <= PROVED_MAX_S
               ? cache_entry_new(of_case + strlen(CASE), run + 1, proved_s)
               : NULL;
}

CacheEntry *cache_entry_parse(const char *text, gsize length, const char *key) {
    g_auto(GStrv) lines = open_text(text, length, key);
    guint count = lines ? g_strv_length(lines) : 0;
    /* Every line ends in a newline, so that the last one is empty. */
    if (count <= HEAD_LINES || *lines[count - 1]) return NULL;
    g_autoptr(CacheEntry) entry = parse_head(lines[0], lines[1]);
    for (guint i = HEAD_LINES; entry && i + 1 < count; i++)
        if (!parse_line(entry, lines[i])) return NULL;
    return g_steal_pointer(&entry);
}
