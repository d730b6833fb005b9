#include "coverage/write.h"
#include "base/error.h"
#include <errno.h>
#include <string.h>

gboolean coverage_make_folder(const char *folder, GError **error) {
    return g_mkdir_with_parents(folder, 0777) == 0 ||
           error_set_errno(error, errno, "cannot create the folder %s", folder);
}

static gboolean save(const char *path, const char *text, gsize length, GError **error) {
    g_autoptr(GError) failed = NULL;
    if (g_file_set_contents_full(path, text, (gssize)length, G_FILE_SET_CONTENTS_CONSISTENT, 0666,
                                 &failed))
        return TRUE;
    g_set_error(error, HARNESS_ERROR, HARNESS_ERROR_IO, "coverage: %s", failed->message);
    return FALSE;
}

/* The lists of functions of programs without lines. */
static gboolean save_lists(const Coverage *coverage, const char *folder, GError **error) {
    for (guint i = 0; i < coverage->files->len; i++) {
        const CoverageFile *file = coverage->files->pdata[i];
        if (!file->text) continue;
        g_autofree char *path = coverage_text_path(file, folder);
        g_autofree char *lists = g_path_get_dirname(path);
        if (!coverage_make_folder(lists, error) ||
            !save(path, file->text, strlen(file->text), error))
            return FALSE;
    }
    return TRUE;
}

static gboolean save_in(const char *folder, const char *name, const GString *text, GError **error) {
    g_autofree char *path = g_build_filename(folder, name, NULL);
    return save(path, text->str, text->len, error);
}

gboolean coverage_write(Coverage *coverage, const char *folder, GError **error) {
    g_autoptr(GString) lcov = g_string_new(NULL);
    g_autoptr(GString) cobertura = g_string_new(NULL);
    g_autoptr(GString) html = g_string_new(NULL);
    coverage_sort(coverage);
    coverage_lcov(coverage, folder, lcov);
    coverage_cobertura(coverage, folder, cobertura);
    coverage_html(coverage, html);
    return coverage_make_folder(folder, error) && save_lists(coverage, folder, error) &&
           save_in(folder, "lcov.info", lcov, error) &&
           save_in(folder, "cobertura.xml", cobertura, error) &&
           save_in(folder, "index.html", html, error);
}
