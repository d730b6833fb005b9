#include "attempt/cache_folder.h"
#include "attempt/cache_entry.h"
#include "attempt/cache_files.h"
#include <string.h>
#include <sys/stat.h>
#include <unistd.h>

/* A file is stored before its entry. */
#define ORPHAN_S 3600
/* Between two looks at the whole folder, which take some 50 ms. */
#define BETWEEN_S 3600
/* Its time says when the folder was last pruned. */
#define PRUNED "pruned"

typedef struct {
    char *path;
    gint64 used_s;
    guint64 text_bytes;
    CacheEntry *entry; /* NULL: damaged */
} Entry;

typedef struct {
    GPtrArray *entries; /* of Entry, from the oldest use to the newest */
    GHashTable *files;  /* hash -> the number of entries that name it */
} Folder;

static gint64 now_s(void) { return g_get_real_time() / G_USEC_PER_SEC; }

static void entry_free(gpointer data) {
    Entry *entry = data;
    if (entry->entry) cache_entry_free(entry->entry);
    g_free(entry->path);
    g_free(entry);
}

static gint compare_uses(gconstpointer a, gconstpointer b) {
    const Entry *one = *(const Entry *const *)a, *other = *(const Entry *const *)b;
    if (one->used_s != other->used_s) return one->used_s < other->used_s ? -1 : 1;
    return strcmp(one->path, other->path);
}

/* Calls `each` for every file FOLDER/KIND/XX/NAME. */
static void walk(const char *folder, const char *kind,
                 void (*each)(gpointer data, char *path, const struct stat *status),
                 gpointer data) {
    g_autofree char *top = g_build_filename(folder, kind, NULL);
    g_autoptr(GDir) outer = g_dir_open(top, 0, NULL);
    for (const char *name; outer && (name = g_dir_read_name(outer));) {
        g_autofree char *inside = g_build_filename(top, name, NULL);
        g_autoptr(GDir) inner = g_dir_open(inside, 0, NULL);
        for (const char *file; inner && (file = g_dir_read_name(inner));) {
            struct stat status;
            g_autofree char *path = g_build_filename(inside, file, NULL);
            if (lstat(path, &status) == 0 && S_ISREG(status.st_mode)) each(data, path, &status);
        }
    }
}

static void load_entry(gpointer data, char *path, const struct stat *status) {
    g_autofree char *text = NULL;
    gsize length;
    if (!g_file_get_contents(path, &text, &length, NULL)) return;
    Entry *entry = g_new0(Entry, 1);
    *entry = (Entry){g_strdup(path), status->st_mtime, length,
                     cache_entry_parse(text, length, strrchr(path, '/') + 1)};
    g_ptr_array_add(data, entry);
}

/* Adds `change` to the number of entries that name each file. */
static void count_names(GHashTable *files, const CacheEntry *entry, int change) {
    for (guint i = 0; entry && i < entry->files->len; i++) {
        const CacheFile *file = entry->files->pdata[i];
        if (!file->is_kept) continue;
        int count = GPOINTER_TO_INT(g_hash_table_lookup(files, file->sha256)) + change;
        g_hash_table_insert(files, g_strdup(file->sha256), GINT_TO_POINTER(count));
    }
}

static Folder folder_load(const char *path) {
    Folder folder = {g_ptr_array_new_with_free_func(entry_free),
                     g_hash_table_new_full(g_str_hash, g_str_equal, g_free, NULL)};
    walk(path, CACHE_ENTRIES, load_entry, folder.entries);
    g_ptr_array_sort(folder.entries, compare_uses);
    for (guint i = 0; i < folder.entries->len; i++)
        count_names(folder.files, ((Entry *)folder.entries->pdata[i])->entry, 1);
    return folder;
}

static void folder_clear(Folder *folder) {
    g_ptr_array_unref(folder->entries);
    g_hash_table_unref(folder->files);
}

G_DEFINE_AUTO_CLEANUP_CLEAR_FUNC(Folder, folder_clear)

/* ---- What it holds ---- */

static void add_file(gpointer data, char *path, const struct stat *status) {
    (void)path;
    CacheUse *use = data;
    use->files++;
    use->bytes += (guint64)status->st_size;
}

static CacheUse measure(const char *path, const Folder *folder) {
    CacheUse use = {0};
    walk(path, CACHE_OBJECTS, add_file, &use);
    for (guint i = 0; i < folder->entries->len; i++) {
        const Entry *entry = folder->entries->pdata[i];
        use.entries++;
        use.damaged += entry->entry == NULL;
        use.bytes += entry->text_bytes;
        use.newest_s = entry->used_s;
        if (i == 0) use.oldest_s = entry->used_s;
    }
    return use;
}

static void show(const Entry *entry, void (*each)(gpointer data, const CacheResult *result),
                 gpointer data) {
    if (!entry->entry) return;
    CacheResult result = {.key = strrchr(entry->path, '/') + 1,
                          .id = entry->entry->id,
                          .run = entry->entry->run,
                          .proved_s = entry->entry->proved_s,
                          .used_s = entry->used_s};
    for (guint i = 0; i < entry->entry->files->len; i++) {
        const CacheFile *file = entry->entry->files->pdata[i];
        if (!file->is_kept) continue;
        result.files++;
        result.bytes += file->size;
    }
    each(data, &result);
}

CacheUse cache_folder_use(const char *path, void (*each)(gpointer data, const CacheResult *result),
                          gpointer data) {
    g_auto(Folder) folder = folder_load(path);
    for (guint i = 0; each && i < folder.entries->len; i++)
        show(folder.entries->pdata[i], each, data);
    return measure(path, &folder);
}

/* ---- What goes ---- */

/* The bytes that go with this entry: its text, and the files that no other entry names. */
static guint64 forget(Folder *folder, Entry *entry) {
    guint64 bytes = entry->text_bytes;
    unlink(entry->path);
    count_names(folder->files, entry->entry, -1);
    for (guint i = 0; entry->entry && i < entry->entry->files->len; i++) {
        const CacheFile *file = entry->entry->files->pdata[i];
        if (file->is_kept && !g_hash_table_lookup(folder->files, file->sha256)) bytes += file->size;
    }
    return bytes;
}

/* Removes a file that no entry names; one that none ever named may be waiting for its entry. */
static void remove_unnamed(gpointer data, char *path, const struct stat *status) {
    const Folder *folder = data;
    gpointer count = NULL;
    gboolean is_forgotten =
        g_hash_table_lookup_extended(folder->files, strrchr(path, '/') + 1, NULL, &count);
    if (!count && (is_forgotten || status->st_mtime < now_s() - ORPHAN_S)) unlink(path);
}

void cache_folder_prune(const char *path, const CacheLimits *limits, CacheUse *ret_left) {
    g_auto(Folder) folder = folder_load(path);
    guint64 bytes = measure(path, &folder).bytes;
    for (guint i = 0; i < folder.entries->len; i++) {
        Entry *entry = folder.entries->pdata[i];
        if (entry->entry && entry->used_s >= now_s() - limits->age_s && bytes <= limits->bytes)
            continue;
        guint64 gone = forget(&folder, entry);
        bytes -= MIN(bytes, gone);
    }
    walk(path, CACHE_OBJECTS, remove_unnamed, &folder);
    g_auto(Folder) left = folder_load(path);
    *ret_left = measure(path, &left);
}

void cache_folder_prune_sometimes(const char *path, const CacheLimits *limits) {
    g_autofree char *stamp = g_build_filename(path, PRUNED, NULL);
    struct stat status;
    CacheUse left;
    if (stat(stamp, &status) == 0 && status.st_mtime > now_s() - BETWEEN_S) return;
    if (!g_file_set_contents(stamp, "", 0, NULL)) return;
    cache_folder_prune(path, limits, &left);
}
