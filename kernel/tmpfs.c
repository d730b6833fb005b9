#include "tmpfs.h"
#include "abi/errno.h"
#include "cstring.h"
#include "heap.h"
#include "machine.h"

enum { BUCKETS_PER_PAGE = PAGE_SIZE / 8 };

static struct pages buckets;
static u64 bucket_count; /* a power of two times BUCKETS_PER_PAGE, or 0 */
static u64 name_count;   /* files and folders */
static u64 file_count;
static struct file *oldest, **newest_link = &oldest;

static struct file **bucket(u64 n) {
    return (struct file **)pages_find(&buckets, n / BUCKETS_PER_PAGE) + n % BUCKETS_PER_PAGE;
}

/* FNV-1a (draft-eastlake-fnv), 32 bits, with the high bits folded in: buckets take the low ones. */
static u32 hash_name(const char *name, u32 length) {
    u32 hash = 0x811c9dc5, i;
    for (i = 0; i < length; i++)
        hash = (hash ^ (u8)name[i]) * 0x01000193;
    return hash ^ hash >> 15;
}

static struct file *find(const char *name, u32 length) {
    if (bucket_count == 0) return NULL;
    u32 hash = hash_name(name, length);
    struct file *file = *bucket(hash & (bucket_count - 1));
    while (file && (file->hash != hash || file->path_length != length ||
                    !cstring_equal(file->path, name, length)))
        file = file->hash_next;
    return file;
}

struct file *tmpfs_find(const struct path *path) {
    return find(path->text, path->length);
}

/* Twice the buckets: chain n splits into n and n + old count. Out of memory leaves it as it was,
 * only slower. */
static void grow_buckets(void) {
    u64 more = bucket_count ? bucket_count : BUCKETS_PER_PAGE, n;
    for (n = 0; n < more; n += BUCKETS_PER_PAGE)
        if (!pages_make(&buckets, (bucket_count + n) / BUCKETS_PER_PAGE)) return;
    for (n = 0; n < bucket_count; n++) {
        struct file **from = bucket(n), **to = bucket(n + bucket_count);
        while (*from) {
            if ((*from)->hash & bucket_count) {
                *to = *from;
                *from = (*from)->hash_next;
                to = &(*to)->hash_next;
            } else {
                from = &(*from)->hash_next;
            }
        }
        *to = NULL;
    }
    bucket_count += more;
}

/* An entry of the table, or NULL when memory is out. */
static struct file *insert(const char *name, u32 length) {
    if (name_count >= bucket_count) grow_buckets();
    if (bucket_count == 0) return NULL;
    struct file *file = heap_alloc(sizeof *file);
    if (!file) return NULL;
    memset(file, 0, sizeof *file);
    file->path = heap_alloc(length + 1);
    if (!file->path) {
        heap_free(file, sizeof *file);
        return NULL;
    }
    memcpy(file->path, name, length);
    file->path[length] = 0;
    file->path_length = length;
    file->hash = hash_name(name, length);
    file->is_linked = 1;
    struct file **head = bucket(file->hash & (bucket_count - 1));
    file->hash_next = *head;
    *head = file;
    name_count++;
    return file;
}

static void take_out(struct file *file) {
    struct file **link = bucket(file->hash & (bucket_count - 1));
    while (*link != file)
        link = &(*link)->hash_next;
    *link = file->hash_next;
    file->is_linked = 0;
    name_count--;
}

static void destroy(struct file *file) {
    file_clear(file);
    heap_free(file->path, file->path_length + 1);
    heap_free(file, sizeof *file);
}

/* Takes one file away from the folders of the first `length` bytes of a name. */
static void folders_leave(const char *name, u32 length) {
    while (length-- > 0) {
        if (name[length] != '/') continue;
        struct file *folder = find(name, length);
        if (--folder->children == 0) {
            take_out(folder);
            destroy(folder);
        }
    }
}

/* Counts one file more in each of its folders, made as needed. */
static int folders_enter(const struct path *path) {
    u32 length;
    for (length = 0; length < path->length; length++) {
        if (path->text[length] != '/') continue;
        struct file *folder = find(path->text, length);
        int error = folder && !folder->is_folder ? -ENOTDIR : 0;
        if (!folder) {
            folder = insert(path->text, length);
            if (folder)
                folder->is_folder = 1;
            else
                error = -ENOSPC;
        }
        if (error) {
            folders_leave(path->text, length);
            return error;
        }
        folder->children++;
    }
    return 0;
}

int tmpfs_why_missing(const struct path *path) {
    u32 length;
    for (length = 0; length < path->length; length++) {
        if (path->text[length] != '/') continue;
        struct file *folder = find(path->text, length);
        if (!folder) return -ENOENT;
        if (!folder->is_folder) return -ENOTDIR;
    }
    return -ENOENT;
}

int tmpfs_create(const struct path *path, struct file **made) {
    int error = folders_enter(path);
    if (error) return error;
    struct file *file = insert(path->text, path->length);
    if (!file) {
        folders_leave(path->text, path->length);
        return -ENOSPC;
    }
    file->link = newest_link;
    *newest_link = file;
    newest_link = &file->newer;
    file_count++;
    *made = file;
    return 0;
}

void tmpfs_unlink(struct file *file) {
    take_out(file);
    folders_leave(file->path, file->path_length);
    *file->link = file->newer;
    if (file->newer)
        file->newer->link = file->link;
    else
        newest_link = file->link;
    file_count--;
    if (file->users == 0) destroy(file);
}

void tmpfs_release(struct file *file) {
    if (--file->users == 0 && !file->is_linked) destroy(file);
}

struct file *tmpfs_first(void) {
    return oldest;
}

u64 tmpfs_count(void) { return file_count; }

void tmpfs_free_all(void) {
    while (oldest)
        tmpfs_unlink(oldest);
    pages_free(&buckets);
    bucket_count = 0;
}
