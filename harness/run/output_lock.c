#include "run/output_lock.h"
#include "base/error.h"
#include "base/text.h"
#include <errno.h>
#include <fcntl.h>
#include <stdio.h>
#include <string.h>
#include <sys/file.h>

static gboolean lock_folder(const char *folder, GError **error) {
    if (g_mkdir_with_parents(folder, 0777) != 0)
        return error_set_errno(error, errno, "cannot create the output folder %s", folder);
    int fd = open(folder, O_RDONLY | O_DIRECTORY | O_CLOEXEC);
    if (fd < 0) return error_set_errno(error, errno, "cannot open the output folder %s", folder);
    if (flock(fd, LOCK_EX | LOCK_NB) == 0) return TRUE;
    if (errno == EWOULDBLOCK) {
        fprintf(stderr,
                "harness: waiting for another harness that writes to %s (--out selects "
                "another folder)\n",
                folder);
        if (flock(fd, LOCK_EX) == 0) return TRUE;
    }
    return error_set_errno(error, errno, "cannot lock %s", folder);
}

/* All harnesses lock in the order of names, which prevents deadlock. */
gboolean output_lock(const Plan *plan, const char *out_root, GError **error) {
    g_autoptr(GPtrArray) folders = g_ptr_array_new_with_free_func(g_free);
    for (guint i = 0; i < plan->cases->len; i++)
        g_ptr_array_add(
            folders, g_build_filename(out_root, ((PlanCase *)plan->cases->pdata[i])->label, NULL));
    g_ptr_array_sort(folders, text_compare_names);
    for (guint i = 0; i < folders->len; i++) {
        gboolean is_new = i == 0 || strcmp(folders->pdata[i - 1], folders->pdata[i]) != 0;
        if (is_new && !lock_folder(folders->pdata[i], error)) return FALSE;
    }
    return TRUE;
}
