#include "record/journal_store.h"
#include "base/error.h"
#include <errno.h>
#include <fcntl.h>
#include <string.h>
#include <unistd.h>

/* "20260131T235959.123456Z-4711.jsonl": names sort by time. A '0' here stands for any digit. */
#define PATTERN "00000000T000000.000000Z-"
#define SUFFIX  ".jsonl"

static gboolean is_journal(const char *name) {
    for (const char *want = PATTERN; *want; want++, name++)
        if (*want == '0' ? !g_ascii_isdigit(*name) : *name != *want) return FALSE;
    gsize digits = strspn(name, "0123456789");
    return digits > 0 && strcmp(name + digits, SUFFIX) == 0;
}

static gint compare_names(gconstpointer a, gconstpointer b) {
    return strcmp(*(const char *const *)a, *(const char *const *)b);
}

/* The names of the journals in `folder`, oldest first; none if it cannot be read. */
static GPtrArray *list(const char *folder) {
    GPtrArray *names = g_ptr_array_new_with_free_func(g_free);
    g_autoptr(GDir) dir = g_dir_open(folder, 0, NULL);
    const char *name;
    while (dir && (name = g_dir_read_name(dir)))
        if (is_journal(name)) g_ptr_array_add(names, g_strdup(name));
    g_ptr_array_sort(names, compare_names);
    return names;
}

/* A journal that cannot be deleted is kept. */
static void prune(const char *folder) {
    g_autoptr(GPtrArray) names = list(folder);
    for (guint i = 0; i + JOURNAL_STORE_KEPT < names->len; i++) {
        g_autofree char *path = g_build_filename(folder, names->pdata[i], NULL);
        unlink(path);
    }
}

char *journal_store_new(const char *folder, GError **error) {
    if (g_mkdir_with_parents(folder, 0777) != 0) {
        error_set_errno(error, errno, "cannot create the folder of journals %s", folder);
        return NULL;
    }
    for (;;) {
        g_autoptr(GDateTime) utc = g_date_time_new_now_utc();
        g_autofree char *time = g_date_time_format(utc, "%Y%m%dT%H%M%S.%fZ");
        g_autofree char *path = g_strdup_printf("%s/%s-%ld" SUFFIX, folder, time, (long)getpid());
        int fd = open(path, O_WRONLY | O_CREAT | O_EXCL | O_CLOEXEC, 0666);
        /* Pids may be equal in two containers: the time makes names unique. */
        if (fd < 0 && errno == EEXIST) continue;
        if (fd < 0) {
            error_set_errno(error, errno, "cannot create the journal %s", path);
            return NULL;
        }
        close(fd);
        prune(folder);
        return g_steal_pointer(&path);
    }
}

char *journal_store_newest(const char *folder, GError **error) {
    g_autoptr(GPtrArray) names = list(folder);
    if (names->len > 0) return g_build_filename(folder, names->pdata[names->len - 1], NULL);
    g_set_error(error, HARNESS_ERROR, HARNESS_ERROR_USAGE, "no journal in %s", folder);
    return NULL;
}
