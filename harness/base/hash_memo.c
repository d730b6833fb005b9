#include "base/hash_memo.h"
#include "base/fdio.h"
#include "base/hash.h"
#include <string.h>

#define FIRST      "harness-hashes 1\n"
#define LAST       "end "
#define HASH_CHARS (HASH_HEX_SIZE - 1)

/* What a full memo forgets is hashed once more; the tree of this project has 15,000 files. */
#define FILES_MAX 200000

typedef struct {
    FileStamp stamp; /* the key in the table */
    char sha256[HASH_HEX_SIZE];
    gboolean is_used; /* by this run */
} Entry;

struct _HashMemo {
    char *path;          /* or NULL */
    GHashTable *known;   /* Entry, by its stamp */
    gboolean is_changed; /* since it was loaded */
};

/* By stamps, with the types of GLib's tables. */
static guint table_hash(gconstpointer stamp) { return file_stamp_hash(stamp); }

static gboolean table_equal(gconstpointer one, gconstpointer other) {
    return file_stamp_equal(one, other);
}

static GHashTable *table_new(void) {
    return g_hash_table_new_full(table_hash, table_equal, NULL, g_free);
}

static HashMemo *memo_new(const char *path) {
    HashMemo *memo = g_new0(HashMemo, 1);
    memo->path = g_strdup(path);
    memo->known = table_new();
    return memo;
}

static void add(GHashTable *known, const FileStamp *stamp, const char *sha256, gboolean is_used) {
    Entry *entry = g_new0(Entry, 1);
    entry->stamp = *stamp;
    memcpy(entry->sha256, sha256, HASH_CHARS); /* what follows may be a long text */
    entry->is_used = is_used;
    g_hash_table_replace(known, &entry->stamp, entry);
}

/* ---- Hashes ---- */

const char *hash_memo_find(HashMemo *memo, const FileStamp *stamp) {
    Entry *entry = g_hash_table_lookup(memo->known, stamp);
    if (!entry) return NULL;
    entry->is_used = TRUE;
    return entry->sha256;
}

static gboolean is_young(const FileStamp *stamp, gint64 now_ns) {
    return stamp->changed_ns > now_ns - HASH_MEMO_YOUNG_NS;
}

char *hash_memo_hash(HashMemo *memo, const FileStamp *stamp, GBytes *content) {
    const char *known = hash_memo_find(memo, stamp);
    if (known) return g_strdup(known);
    gint64 now_ns = g_get_real_time() * 1000;
    char *hash = hash_bytes(content);
    if (stamp->size >= 0 && !is_young(stamp, now_ns)) {
        add(memo->known, stamp, hash, TRUE);
        memo->is_changed = TRUE;
    }
    return hash;
}

char *hash_memo_file(HashMemo *memo, const char *path, GError **error) {
    FileStamp stamp;
    g_autoptr(GBytes) content = fdio_load_stamped(path, &stamp, error);
    return content ? hash_memo_hash(memo, &stamp, content) : NULL;
}

/* ---- The file ---- */

static char *hash_text(const char *text, gsize length) {
    g_autoptr(GBytes) bytes = g_bytes_new_static(text, length);
    return hash_bytes(bytes);
}

static gboolean parse_number(const char **at, guint64 *ret) {
    char *end;
    if (!g_ascii_isdigit(**at)) return FALSE;
    *ret = g_ascii_strtoull(*at, &end, 10);
    if (*end != ' ') return FALSE;
    *at = end + 1;
    return TRUE;
}

/* Adds one line, which ends at its newline. */
static gboolean parse_line(GHashTable *known, const char *line) {
    guint64 numbers[5];
    for (guint i = 0; i < G_N_ELEMENTS(numbers); i++)
        if (!parse_number(&line, &numbers[i]) || (i > 1 && numbers[i] > G_MAXINT64)) return FALSE;
    if (strspn(line, "0123456789abcdef") != HASH_CHARS || line[HASH_CHARS] != '\n') return FALSE;
    FileStamp stamp = {numbers[0], numbers[1], (gint64)numbers[2], (gint64)numbers[3],
                       (gint64)numbers[4]};
    add(known, &stamp, line, FALSE);
    return TRUE;
}

/* Whether the text ends with the hash of what stands before it. */
static gboolean is_whole(const char *text, gsize length) {
    gsize last = strlen(LAST) + HASH_CHARS + 1;
    if (length < strlen(FIRST) + last || memcmp(text, FIRST, strlen(FIRST)) != 0 ||
        memchr(text, '\0', length))
        return FALSE;
    g_autofree char *hash = hash_text(text, length - last);
    g_autofree char *end = g_strconcat(LAST, hash, "\n", NULL);
    return memcmp(text + length - last, end, last) == 0;
}

gboolean hash_memo_parse(HashMemo *memo, const char *text, gsize length) {
    if (!is_whole(text, length)) return FALSE;
    g_autoptr(GHashTable) known = table_new();
    const char *end = text + length - strlen(LAST) - HASH_CHARS - 1;
    for (const char *line = text + strlen(FIRST); line < end; line = strchr(line, '\n') + 1)
        if (!parse_line(known, line)) return FALSE;
    GHashTableIter iter;
    gpointer entry;
    g_hash_table_iter_init(&iter, known);
    while (g_hash_table_iter_next(&iter, NULL, &entry)) {
        g_hash_table_iter_steal(&iter);
        g_hash_table_replace(memo->known, &((Entry *)entry)->stamp, entry);
    }
    return TRUE;
}

char *hash_memo_format(HashMemo *memo) {
    gboolean used_only = g_hash_table_size(memo->known) > FILES_MAX;
    GString *text = g_string_new(FIRST);
    GHashTableIter iter;
    gpointer value;
    g_hash_table_iter_init(&iter, memo->known);
    while (g_hash_table_iter_next(&iter, NULL, &value)) {
        const Entry *entry = value;
        if (used_only && !entry->is_used) continue;
        g_string_append_printf(text,
                               "%" G_GUINT64_FORMAT " %" G_GUINT64_FORMAT " %" G_GINT64_FORMAT
                               " %" G_GINT64_FORMAT " %" G_GINT64_FORMAT " %s\n",
                               entry->stamp.device, entry->stamp.inode, entry->stamp.size,
                               entry->stamp.modified_ns, entry->stamp.changed_ns, entry->sha256);
    }
    g_autofree char *hash = hash_text(text->str, text->len);
    g_string_append_printf(text, LAST "%s\n", hash);
    return g_string_free(text, FALSE);
}

HashMemo *hash_memo_open(const char *path) {
    HashMemo *memo = memo_new(path);
    g_autofree char *text = NULL;
    gsize length;
    if (path && g_file_get_contents(path, &text, &length, NULL))
        hash_memo_parse(memo, text, length);
    return memo;
}

void hash_memo_close(HashMemo *memo) {
    if (memo->path && memo->is_changed) {
        g_autofree char *folder = g_path_get_dirname(memo->path);
        g_autofree char *text = hash_memo_format(memo);
        if (g_mkdir_with_parents(folder, 0777) == 0)
            g_file_set_contents_full(memo->path, text, -1, G_FILE_SET_CONTENTS_CONSISTENT, 0666,
                                     NULL);
    }
    g_hash_table_unref(memo->known);
    g_free(memo->path);
    g_free(memo);
}
