#include "differ/tree.h"
#include "base/error.h"
#include "base/fdio.h"
#include "base/text.h"
#include "differ/bytes.h"
#include "differ/compare.h"
#include <errno.h>
#include <stdlib.h>
#include <string.h>
#include <sys/stat.h>
#include <unistd.h>

/* Folders in folders; no checkout comes near. */
#define DEPTH_MAX 128
/* Causes after the first that are kept. */
#define ALSO_MAX    1000
#define PERMISSIONS 07777

typedef struct {
    Diff *content, *other; /* the first of contents and names, and of permissions */
    guint also;
} Walk;

static const char *kind_of(mode_t mode) {
    return S_ISREG(mode)    ? "a file"
           : S_ISDIR(mode)  ? "a folder"
           : S_ISLNK(mode)  ? "a symbolic link"
           : S_ISFIFO(mode) ? "a FIFO"
           : S_ISSOCK(mode) ? "a socket"
                            : "a device";
}

/* ---- Files ---- */

static gboolean compare_files(const char *path_a, const char *path_b, TreeResult *ret,
                              GError **error) {
    g_autoptr(GBytes) bytes_a = fdio_load(path_a, error);
    g_autoptr(GBytes) bytes_b = bytes_a ? fdio_load(path_b, error) : NULL;
    if (!bytes_b) return FALSE;
    DiffSide a = {.name = "A", .is_mapped = TRUE}, b = {.name = "B", .is_mapped = TRUE};
    a.data = g_bytes_get_data(bytes_a, &a.size);
    b.data = g_bytes_get_data(bytes_b, &b.size);
    if (!a.data) a.data = (const guint8 *)"";
    if (!b.data) b.data = (const guint8 *)"";
    ret->offset = bytes_first(&a, &b);
    ret->diff = ret->offset < 0 ? NULL : compare_contents(&a, &b, 0);
    return TRUE;
}

/* ---- Folders ---- */

static GPtrArray *list(const char *folder, GError **error) {
    g_autoptr(GError) failed = NULL;
    g_autoptr(GDir) dir = g_dir_open(folder, 0, &failed);
    if (!dir) {
        g_set_error_literal(error, HARNESS_ERROR, HARNESS_ERROR_IO, failed->message);
        return NULL;
    }
    GPtrArray *names = g_ptr_array_new_with_free_func(g_free);
    for (const char *name; (name = g_dir_read_name(dir));)
        g_ptr_array_add(names, g_strdup(name));
    g_ptr_array_sort(names, text_compare_names);
    return names;
}

static void take(Walk *walk, Diff **first, Diff *found) {
    if (!*first)
        *first = found;
    else if (walk->also++ < ALSO_MAX)
        diff_also(*first, found);
    else
        diff_free(found);
}

static gboolean walk_folders(Walk *walk, const char *top_a, const char *top_b, const char *below,
                             guint depth, GError **error);

static gboolean compare_links(Walk *walk, const char *a, const char *b, const char *shown,
                              GError **error) {
    char to_a[PATH_MAX], to_b[PATH_MAX];
    ssize_t size_a = readlink(a, to_a, sizeof to_a), size_b = readlink(b, to_b, sizeof to_b);
    if (size_a < 0 || size_b < 0) return error_set_errno(error, errno, "%s", size_a < 0 ? a : b);
    if (size_a == size_b && memcmp(to_a, to_b, (gsize)size_a) == 0) return TRUE;
    g_autofree char *one = diff_quoted(to_a, (gsize)size_a, 0),
                    *other = diff_quoted(to_b, (gsize)size_b, 0);
    take(walk, &walk->content,
         diff_new("%s: the symbolic link goes to %s against %s", shown, one, other));
    return TRUE;
}

static gboolean compare_entry(Walk *walk, const char *top_a, const char *top_b, const char *below,
                              guint depth, GError **error) {
    g_autofree char *a = g_build_filename(top_a, below, NULL),
                    *b = g_build_filename(top_b, below, NULL);
    g_autofree char *shown = diff_quoted(below, strlen(below), strlen(below));
    struct stat of_a, of_b;
    TreeResult result = {0};
    if (lstat(a, &of_a) != 0) return error_set_errno(error, errno, "%s", a);
    if (lstat(b, &of_b) != 0) return error_set_errno(error, errno, "%s", b);
    if ((of_a.st_mode & S_IFMT) != (of_b.st_mode & S_IFMT)) {
        take(walk, &walk->content,
             diff_new("%s is %s in A, %s in B", shown, kind_of(of_a.st_mode),
                      kind_of(of_b.st_mode)));
        return TRUE;
    }
    if (S_ISLNK(of_a.st_mode)) return compare_links(walk, a, b, shown, error);
    if ((of_a.st_mode & PERMISSIONS) != (of_b.st_mode & PERMISSIONS))
        take(walk, &walk->other,
             diff_new("%s: mode (permissions) 0%o against 0%o", shown, of_a.st_mode & PERMISSIONS,
                      of_b.st_mode & PERMISSIONS));
    if (S_ISDIR(of_a.st_mode)) return walk_folders(walk, top_a, top_b, below, depth + 1, error);
    if (!S_ISREG(of_a.st_mode)) return TRUE;
    if (!compare_files(a, b, &result, error)) return FALSE;
    if (!result.diff) return TRUE;
    diff_within(result.diff, shown);
    take(walk, &walk->content, result.diff);
    return TRUE;
}

static gboolean walk_folders(Walk *walk, const char *top_a, const char *top_b, const char *below,
                             guint depth, GError **error) {
    g_autofree char *a = g_build_filename(top_a, below, NULL),
                    *b = g_build_filename(top_b, below, NULL);
    g_autoptr(GPtrArray) names_a = list(a, error);
    g_autoptr(GPtrArray) names_b = names_a ? list(b, error) : NULL;
    if (!names_b) return FALSE;
    if (depth > DEPTH_MAX) {
        g_set_error(error, HARNESS_ERROR, HARNESS_ERROR_IO, "%s: more than %d folders deep", a,
                    DEPTH_MAX);
        return FALSE;
    }
    for (guint i = 0, n = 0; i < names_a->len || n < names_b->len;) {
        const char *one = i < names_a->len ? names_a->pdata[i] : NULL;
        const char *other = n < names_b->len ? names_b->pdata[n] : NULL;
        int order = !one ? 1 : !other ? -1 : strcmp(one, other);
        g_autofree char *path = *below ? g_build_filename(below, order <= 0 ? one : other, NULL)
                                       : g_strdup(order <= 0 ? one : other);
        i += order <= 0;
        n += order >= 0;
        g_autofree char *shown = diff_quoted(path, strlen(path), strlen(path));
        if (order != 0)
            take(walk, &walk->content,
                 diff_new("%s is only in %s, missing in %s", shown, order < 0 ? "A" : "B",
                          order < 0 ? "B" : "A"));
        else if (!compare_entry(walk, top_a, top_b, path, depth, error))
            return FALSE;
    }
    return TRUE;
}

static gboolean compare_folders(const char *a, const char *b, TreeResult *ret, GError **error) {
    Walk walk = {0};
    if (!walk_folders(&walk, a, b, "", 0, error)) {
        g_clear_pointer(&walk.content, diff_free);
        g_clear_pointer(&walk.other, diff_free);
        return FALSE;
    }
    ret->diff = walk.content ? walk.content : walk.other;
    if (walk.content && walk.other) {
        g_autoptr(GPtrArray) lines = g_ptr_array_ref(walk.other->lines);
        for (guint i = 0; i < lines->len; i++)
            g_ptr_array_add(walk.content->lines, g_strdup(lines->pdata[i]));
        diff_also(walk.content, walk.other);
    }
    if (walk.also > ALSO_MAX) diff_line(ret->diff, "and %u more", walk.also - ALSO_MAX);
    return TRUE;
}

gboolean tree_compare(const char *path_a, const char *path_b, TreeResult *ret, GError **error) {
    struct stat a, b;
    TreeResult result = {NULL, -1};
    if (stat(path_a, &a) != 0) return error_set_errno(error, errno, "%s", path_a);
    if (stat(path_b, &b) != 0) return error_set_errno(error, errno, "%s", path_b);
    if (S_ISDIR(a.st_mode) != S_ISDIR(b.st_mode)) {
        g_set_error(error, HARNESS_ERROR, HARNESS_ERROR_USAGE,
                    "%s is %s, %s is %s; name two files or two folders", path_a, kind_of(a.st_mode),
                    path_b, kind_of(b.st_mode));
        return FALSE;
    }
    if (!(S_ISDIR(a.st_mode) ? compare_folders(path_a, path_b, &result, error)
                             : compare_files(path_a, path_b, &result, error)))
        return FALSE;
    *ret = result;
    return TRUE;
}
